"""What the server answers to each kind of input, over every transport."""

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
import requests
import zstandard
from otlp import (
    SECOND,
    GrpcSender,
    HttpSender,
    LogRequest,
    Outcome,
    Sender,
    attributes,
    make_request,
    make_span,
    new_span_id,
    new_trace_id,
    to_json,
)
from server import Project, Server, eventually


@dataclass(frozen=True)
class Refusal:
    """The same answer in both protocols."""

    grpc: str
    http: int

    def is_what(self, outcome: Outcome) -> bool:
        return outcome.code in (self.grpc, self.http)


UNAUTHENTICATED = Refusal("UNAUTHENTICATED", 401)
PERMISSION_DENIED = Refusal("PERMISSION_DENIED", 403)
INVALID_ARGUMENT = Refusal("INVALID_ARGUMENT", 400)

TRANSPORTS: dict[str, Callable[[Server], GrpcSender | HttpSender]] = {
    "grpc": GrpcSender,
    "http-protobuf": HttpSender,
    "http-json": lambda server: HttpSender(server, "application/json"),
}


@pytest.fixture(params=list(TRANSPORTS))
def sender(request: pytest.FixtureRequest, server: Server) -> Iterator[Sender]:
    opened = TRANSPORTS[request.param](server)
    yield opened
    opened.close()


@pytest.fixture
def http(server: Server) -> Iterator[HttpSender]:
    opened = HttpSender(server)
    yield opened
    opened.close()


def refuse(
    project: Project, sender: Sender, headers: Mapping[str, str], refusal: Refusal, naming: str
) -> None:
    """Sends a span that has to be refused with a message that names the header, and not be stored."""
    trace_id = new_trace_id()
    outcome = sender.send(make_request([make_span("llm", trace_id)]), headers=headers)
    assert refusal.is_what(outcome), outcome
    assert naming in outcome.message.lower()
    assert project.spans_of_trace(trace_id.hex()) == []


# Keys and ids ------------------------------------------------------------------------------------


def test_no_key(project: Project, sender: Sender) -> None:
    refuse(project, sender, {}, UNAUTHENTICATED, "x-cekura-api-key")


def test_wrong_key(project: Project, sender: Sender) -> None:
    refuse(project, sender, {"x-cekura-api-key": "no-such-key"}, UNAUTHENTICATED, "x-cekura-api-key")


def test_revoked_key(project: Project, sender: Sender) -> None:
    made = project.server.create("keys", project_id=project.id, access="read-write", name="to revoke")
    headers = {"x-cekura-api-key": made["key"]}
    assert sender.send(make_request([make_span("llm", new_trace_id())]), headers=headers).accepted
    gone = project.server.request("DELETE", f"keys/{made['id']}", key=project.server.key)
    assert gone.status_code == 204

    # Keys that were found good are asked for again after a second.
    def noticed() -> bool:
        return not sender.send(make_request([]), headers=headers).accepted

    eventually(noticed)
    refuse(project, sender, headers, UNAUTHENTICATED, "x-cekura-api-key")


def test_read_only_key(project: Project, sender: Sender) -> None:
    key = project.server.new_key(project.id, "read-only")
    refuse(project, sender, {"x-cekura-api-key": key}, PERMISSION_DENIED, "read")
    assert project.server.get("calls", key=key).status_code == 200


def test_agent_of_another_owner(project: Project, sender: Sender) -> None:
    other = project.server.new_project()
    agent = project.server.create("agents", name="theirs", project_id=other.id)
    headers = project.headers | {"x-cekura-agent-id": str(agent["id"])}
    refuse(project, sender, headers, PERMISSION_DENIED, "x-cekura-agent-id")


def test_project_of_another_owner(project: Project, sender: Sender) -> None:
    other = project.server.new_project()
    headers = project.headers | {"x-cekura-project-id": str(other.id)}
    refuse(project, sender, headers, PERMISSION_DENIED, "x-cekura-project-id")


@pytest.mark.parametrize("value", ["987654321", "seven", "-1", "1.5", ""])
def test_unknown_agent(project: Project, sender: Sender, value: str) -> None:
    headers = project.headers | {"x-cekura-agent-id": value}
    if value == "":
        pytest.skip("an empty header is as good as none")
    refuse(project, sender, headers, INVALID_ARGUMENT, "x-cekura-agent-id")


def test_project_that_is_no_number(project: Project, sender: Sender) -> None:
    refuse(
        project,
        sender,
        project.headers | {"x-cekura-project-id": "one"},
        INVALID_ARGUMENT,
        "x-cekura-project-id",
    )


@pytest.mark.parametrize(
    "name",
    ["x-cekura-api-key", "X-CEKURA-API-KEY", "X-Callscope-Api-Key", "x-callscope-api-key", "authorization"],
)
def test_every_name_of_the_key(project: Project, sender: Sender, name: str) -> None:
    value = f"Bearer {project.key}" if name == "authorization" else project.key
    trace_id = new_trace_id()
    assert sender.send(make_request([make_span("llm", trace_id)]), headers={name: value}).accepted
    assert len(project.wait_for_spans(trace_id.hex(), 1)) == 1


@pytest.mark.parametrize("prefix", ["x-cekura", "x-callscope", "X-Cekura"])
def test_agent_named_by_header(project: Project, sender: Sender, prefix: str) -> None:
    agent = project.server.create("agents", name="named", project_id=project.id)
    trace_id = new_trace_id()
    headers = project.headers | {f"{prefix}-agent-id": str(agent["id"])}
    assert sender.send(make_request([make_span("llm", trace_id)]), headers=headers).accepted
    assert project.wait_for_call(trace_id.hex())["agent_id"] == agent["id"]


def test_agent_found_by_service_name(project: Project, sender: Sender) -> None:
    for _ in range(2):
        trace_id = new_trace_id()
        request = make_request([make_span("llm", trace_id)], service="front desk")
        assert sender.send(request, headers=project.headers).accepted
        project.wait_for_call(trace_id.hex())
    assert [agent["name"] for agent in project.items("agents")].count("front desk") == 1


def test_validate(project: Project) -> None:
    other = project.server.new_project()
    mine = project.server.create("agents", name="mine", project_id=project.id)["id"]
    theirs = project.server.create("agents", name="theirs", project_id=other.id)["id"]
    for path in ("/app/otel/validate/", "/app/otel/validate"):
        assert project.get(path, agent_id=mine).status_code == 200
        assert project.get(path, project_id=project.id).status_code == 200
        assert project.get(path, agent_id=theirs).status_code == 403
        assert project.get(path, project_id=other.id).status_code == 403
        assert project.server.get(path, key="no-such-key", agent_id=mine).status_code == 401
        assert project.server.request("GET", path, params={"agent_id": mine}).status_code == 401


# Bodies ------------------------------------------------------------------------------------------


def test_bytes_that_are_not_otlp(project: Project, sender: Sender) -> None:
    outcome = sender.send(body=b"\xff\xfe this is not OTLP \x00\x01", headers=project.headers)
    assert INVALID_ARGUMENT.is_what(outcome), outcome
    assert outcome.message


def test_truncated_request(project: Project, sender: Sender) -> None:
    request = make_request([make_span("llm", new_trace_id())])
    body = (
        json.dumps(to_json(request)).encode() if sender.name == "http-json" else request.SerializeToString()
    )
    assert INVALID_ARGUMENT.is_what(sender.send(body=body[:-5], headers=project.headers))


def test_empty_request(project: Project, sender: Sender) -> None:
    outcome = sender.send(make_request([]), headers=project.headers)
    assert outcome.accepted
    assert outcome.rejected == 0
    body = b"{}" if sender.name == "http-json" else b""
    assert sender.send(body=body, headers=project.headers).accepted


def test_unknown_fields_are_ignored(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    request = make_request([make_span("llm", trace_id)])
    if sender.name == "http-json":
        tree = to_json(request)
        tree["futureField"] = {"a": [1, None]}
        tree["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["alsoNew"] = True
        body = json.dumps(tree).encode()
    else:
        # Field 900, a string: 900 << 3 | 2 as a varint.
        body = request.SerializeToString() + b"\xa2\x38\x03new"
    assert sender.send(body=body, headers=project.headers).accepted
    assert len(project.wait_for_spans(trace_id.hex(), 1)) == 1


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"]
)
def test_wrong_content_type(project: Project, http: HttpSender, content_type: str) -> None:
    outcome = http.send(body=b"x", headers=project.headers | {"content-type": content_type})
    assert outcome.code == 415


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_content_type_with_parameters(project: Project, http: HttpSender, content_type: str) -> None:
    headers = project.headers | {"content-type": content_type}
    assert http.send(body=b"{}", headers=headers).code == 200


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("encoding", list(ENCODINGS))
@pytest.mark.parametrize("content_type", ["application/x-protobuf", "application/json"])
def test_content_encodings(project: Project, encoding: str, content_type: str) -> None:
    sender = HttpSender(project.server, content_type)
    trace_id = new_trace_id()
    body = sender.encode(make_request([make_span("llm", trace_id, text="word " * 1000)]))
    headers = project.headers | {"content-encoding": encoding}
    assert sender.send(body=ENCODINGS[encoding](body), headers=headers).accepted
    (span,) = project.wait_for_spans(trace_id.hex(), 1)
    assert span["attributes"]["text"] == "word " * 1000
    sender.close()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_broken_compression(project: Project, http: HttpSender, encoding: str) -> None:
    headers = project.headers | {"content-encoding": encoding}
    assert http.send(body=b"\x1f\x8b this is no archive", headers=headers).code == 400
    cut = ENCODINGS[encoding](make_request([make_span("llm", new_trace_id())]).SerializeToString())[:-9]
    assert http.send(body=cut, headers=headers).code == 400


def test_unknown_encoding(project: Project, http: HttpSender) -> None:
    assert http.send(body=b"x", headers=project.headers | {"content-encoding": "br"}).code in (400, 415)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused(project: Project, http: HttpSender, encoding: str) -> None:
    bomb = ENCODINGS[encoding](bytes(400 << 20))
    assert len(bomb) < 2 << 20
    assert http.send(body=bomb, headers=project.headers | {"content-encoding": encoding}).code in (400, 413)
    assert resident_bytes(project.server) < 900 << 20


def resident_bytes(server: Server) -> int:
    with open(f"/proc/{server.pid}/status") as status:  # noqa: PTH123
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def test_a_message_over_the_limit(project: Project, sender: Sender) -> None:
    if sender.name == "http-json":
        body = b'{"resourceSpans":[' + b" " * (70 << 20) + b"]}"
    else:
        body = make_request([make_span("llm", new_trace_id(), text="x" * (70 << 20))]).SerializeToString()
    assert sender.send(body=body, headers=project.headers).code in (
        "RESOURCE_EXHAUSTED",
        "INVALID_ARGUMENT",
        413,
    )


def test_other_methods_and_paths(project: Project) -> None:
    server = project.server
    assert server.request("GET", "/v1/traces", key=project.key).status_code in (404, 405)
    assert server.request("POST", "/v1/nothing", key=project.key).status_code == 404
    assert requests.options(server.http + "/v1/traces", timeout=10).status_code < 500


# JSON as senders write it ------------------------------------------------------------------------


@pytest.mark.parametrize("as_text", [True, False])
def test_json_numbers_and_ids(project: Project, as_text: bool) -> None:
    trace_id, span_id = new_trace_id(), new_span_id()
    number = str if as_text else int
    start = time.time_ns()
    body = {
        "resourceSpans": [
            {
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "json"}}]},
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": trace_id.hex().upper() if as_text else trace_id.hex(),
                                "spanId": span_id.hex(),
                                "name": "llm",
                                "kind": 1,
                                "startTimeUnixNano": number(start),
                                "endTimeUnixNano": number(start + 5),
                                "attributes": [
                                    {"key": "big", "value": {"intValue": number(2**53 + 1)}},
                                    {"key": "half", "value": {"doubleValue": 0.5}},
                                    {
                                        "key": "list",
                                        "value": {"arrayValue": {"values": [{"boolValue": True}]}},
                                    },
                                    {"key": "raw", "value": {"bytesValue": "AAEC"}},
                                    {"key": "nothing", "value": {}},
                                    {
                                        "key": "map",
                                        "value": {
                                            "kvlistValue": {
                                                "values": [{"key": "a", "value": {"stringValue": "b"}}]
                                            }
                                        },
                                    },
                                ],
                                "status": {"code": 2, "message": "failed"},
                            }
                        ]
                    }
                ],
            }
        ]
    }
    sender = HttpSender(project.server, "application/json")
    assert sender.send(body=json.dumps(body).encode(), headers=project.headers).accepted
    sender.close()
    (span,) = project.wait_for_spans(trace_id.hex(), 1)
    assert span["span_id"] == span_id.hex()
    assert span["start_time_unix_nano"] == str(start)
    assert span["end_time_unix_nano"] == str(start + 5)
    assert int(span["attributes"]["big"]) == 2**53 + 1
    assert span["attributes"]["half"] == 0.5
    assert span["attributes"]["list"] == [True]
    assert span["attributes"]["map"] == {"a": "b"}
    assert span["status"]["message"] == "failed"


# Spans that are odd ------------------------------------------------------------------------------


def test_ids_of_zeros_or_too_short_are_rejected(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    spans = [
        make_span("good", trace_id),
        make_span("zero trace", bytes(16)),
        make_span("zero span", trace_id, span_id=bytes(8)),
        make_span("short trace", b"\x01" * 8),
        make_span("short span", trace_id, span_id=b"\x01" * 4),
        make_span("no trace", b""),
        make_span("also good", trace_id),
    ]
    outcome = sender.send(make_request(spans), headers=project.headers)
    assert outcome.accepted
    assert outcome.rejected == 5
    assert outcome.message
    assert {span["name"] for span in project.wait_for_spans(trace_id.hex(), 2)} == {"good", "also good"}


def test_odd_spans_are_kept_and_flagged(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    now = time.time_ns()
    backwards = make_span("backwards", trace_id, start_ns=now)
    backwards.end_time_unix_nano = now - SECOND
    nameless = make_span("", trace_id)
    endless = make_span("endless", trace_id)
    endless.end_time_unix_nano = 0
    outcome = sender.send(make_request([backwards, nameless, endless]), headers=project.headers)
    assert outcome.accepted
    assert outcome.rejected == 0
    spans = {span["name"]: span for span in project.wait_for_spans(trace_id.hex(), 3)}
    assert "end_before_start" in spans["backwards"]["flags"]
    assert "no_name" in spans[""]["flags"]
    assert "no_end" in spans["endless"]["flags"]


def test_the_same_span_twice_is_one(project: Project, sender: Sender) -> None:
    trace_id, span_id = new_trace_id(), new_span_id()
    start = time.time_ns() - SECOND
    first = make_span("llm", trace_id, span_id=span_id, start_ns=start, answer="one")
    later = make_span("llm", trace_id, span_id=span_id, start_ns=start, answer="two", extra=1)
    for request in (make_request([first, first]), make_request([first]), make_request([later])):
        outcome = sender.send(request, headers=project.headers)
        assert outcome.accepted
        assert outcome.rejected == 0

    def answers() -> list[tuple[str, int | None]]:
        found = [span["attributes"] for span in project.spans_of_trace(trace_id.hex())]
        return [(attributes["answer"], attributes.get("extra")) for attributes in found]

    # The first of them may be visible while the last is not yet.
    eventually(lambda: answers() == [("two", 1)])


@pytest.mark.parametrize("years", [-50, -3, 3, 200])
def test_clocks_that_are_years_off(project: Project, sender: Sender, years: int) -> None:
    trace_id = new_trace_id()
    start = time.time_ns() + years * 365 * 86400 * SECOND
    outcome = sender.send(make_request([make_span("llm", trace_id, start_ns=start)]), headers=project.headers)
    assert outcome.accepted
    (span,) = project.wait_for_spans(trace_id.hex(), 1)
    assert span["start_time_unix_nano"] == str(start)
    assert "clock_far_off" in span["flags"]
    assert project.wait_for_call(trace_id.hex())["id"]


def test_attributes_of_any_type(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    values = {
        "text": 'tab\t "quote" \\ \u0001 🙂',
        "yes": True,
        "least": -(2**63),
        "most": 2**63 - 1,
        "double": 1e-300,
        "list": ["a", 1, 2.5, False, ["deep"]],
        "map": {"k": {"k2": [1]}},
        "empty": "",
        "empty list": [],
        "key with.every-kind/of:mark": 1,
        "": "no key",
    }
    span = make_span("custom", trace_id)
    span.attributes.extend(attributes(values))
    span.attributes.extend(attributes({"bytes": b"\x00\xff", "none": None}))
    assert sender.send(make_request([span]), headers=project.headers).accepted
    (stored,) = project.wait_for_spans(trace_id.hex(), 1)
    got = stored["attributes"]
    assert {key: got[key] for key in values} == values
    # docs/formats/values.md says how what JSON has no word for is spelled.
    assert got["bytes"] == {"$bytes": "AP8="}
    assert got["none"] is None


def test_doubles_that_json_has_no_word_for(project: Project, server: Server) -> None:
    trace_id = new_trace_id()
    sender = GrpcSender(server)
    span = make_span("custom", trace_id, nan=float("nan"), infinite=float("inf"), minus=float("-inf"))
    assert sender.send(make_request([span]), headers=project.headers).accepted
    sender.close()
    project.wait_for_spans(trace_id.hex(), 1)
    text = project.get(f"traces/{trace_id.hex()}").text
    (stored,) = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))["spans"]
    assert stored["attributes"] == {
        "nan": {"$double": "NaN"},
        "infinite": {"$double": "Infinity"},
        "minus": {"$double": "-Infinity"},
    }


def test_invalid_utf8(project: Project, server: Server) -> None:
    trace_id = new_trace_id()
    body = make_request([make_span("llm", trace_id, text="placeholder")]).SerializeToString()
    body = body.replace(b"placeholder", b"ab\xff\xfe\xc3(cdefg"[:11])
    for sender in (GrpcSender(server), HttpSender(server)):
        assert sender.send(body=body, headers=project.headers).accepted
        sender.close()
    (span,) = project.wait_for_spans(trace_id.hex(), 1)
    assert span["attributes"]["text"].startswith("ab")


def test_a_long_attribute_is_kept(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    span = make_span("llm", trace_id, text="x" * 5_000_000)
    assert sender.send(make_request([span]), headers=project.headers).accepted
    (stored,) = project.wait_for_spans(trace_id.hex(), 1)
    assert len(stored["attributes"]["text"]) == 5_000_000


def test_a_longer_one_is_cut_with_a_mark(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    span = make_span("llm", trace_id, text="x" * 9_000_000, short="kept")
    assert sender.send(make_request([span]), headers=project.headers).accepted
    (stored,) = project.wait_for_spans(trace_id.hex(), 1)
    text = stored["attributes"]["text"]
    assert text.startswith("x" * 1_000_000)
    assert not text.endswith("x")
    assert len(text) < 9_000_000
    assert stored["attributes"]["short"] == "kept"
    assert "attribute_cut" in stored["flags"]


def test_twenty_thousand_spans_in_one_trace(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    root = make_span("conversation", trace_id)
    spans = [root] + [make_span(f"s{number % 7}", trace_id, parent=root.span_id) for number in range(19_999)]
    for first in range(0, len(spans), 4000):
        assert sender.send(make_request(spans[first : first + 4000]), headers=project.headers).accepted
    stored = project.wait_for_spans(trace_id.hex(), 20_000)
    assert len({span["span_id"] for span in stored}) == 20_000
    call = project.wait_for_call(trace_id.hex())
    assert len(project.items(f"calls/{call['id']}/spans", attributes="false")) == 20_000


def test_odd_trees_are_shown(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    a, b = new_span_id(), new_span_id()
    spans = [
        make_span("orphan", trace_id, parent=new_span_id()),
        make_span("cycle a", trace_id, span_id=a, parent=b),
        make_span("cycle b", trace_id, span_id=b, parent=a),
        make_span("own parent", trace_id, span_id=(own := new_span_id()), parent=own),
        make_span("root one", trace_id),
        make_span("root two", trace_id),
    ]
    assert sender.send(make_request(spans), headers=project.headers).accepted
    assert len(project.wait_for_spans(trace_id.hex(), 6)) == 6
    call = project.wait_for_call(trace_id.hex())
    assert len(project.items(f"calls/{call['id']}/spans")) == 6


# Logs --------------------------------------------------------------------------------------------


def test_logs_join_the_call_of_their_trace(project: Project, sender: Sender) -> None:
    trace_id = new_trace_id()
    span = make_span("llm", trace_id)
    assert sender.send(make_request([span]), headers=project.headers).accepted
    request = LogRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(attributes({"service.name": "test-agent"}))
    record = group.scope_logs.add().log_records.add()
    record.time_unix_nano = span.start_time_unix_nano
    record.severity_text = "WARN"
    record.severity_number = 13
    record.body.string_value = "tool was slow"
    record.trace_id, record.span_id = trace_id, span.span_id
    outcome = sender.send(request, headers=project.headers)
    assert outcome.accepted
    assert outcome.rejected == 0
    call = project.wait_for_call(trace_id.hex())
    lines = project.items(f"calls/{call['id']}/logs")
    assert [line["body"] for line in lines] == ["tool was slow"]
    assert lines[0]["span_id"] == span.span_id.hex()


@pytest.mark.parametrize("refused", ["no key", "not OTLP"])
def test_logs_are_refused_as_traces_are(project: Project, sender: Sender, refused: str) -> None:
    request = LogRequest()
    if refused == "no key":
        assert UNAUTHENTICATED.is_what(sender.send(request, headers={}))
    else:
        assert INVALID_ARGUMENT.is_what(
            sender.send(request, headers=project.headers, body=b"\xff\xff\xff\xff")
        )
