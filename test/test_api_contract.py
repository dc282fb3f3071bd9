"""The API's description, /api/v1/openapi.json, says what the API does: no less and no more."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from otlp import GrpcSender, LogRequest, make_call, make_request, new_trace_id
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from server import Project, Server, eventually

BASE = "urn:callscope:api"


def pointer(*parts: str) -> str:
    return "/".join(["#", *(part.replace("~", "~0").replace("/", "~1") for part in parts)])


def closed(node: Any, document: dict[str, Any]) -> Any:
    """Returns a copy in which an object may have the properties that are described, and no others.

    An allOf is one object: its parts are merged first.
    """
    if isinstance(node, list):
        return [closed(item, document) for item in node]
    if not isinstance(node, dict):
        return node
    node = dict(node)
    if "allOf" in node:
        for part in node.pop("allOf"):
            while "$ref" in part:
                part = document["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
            node["type"] = "object"
            node["properties"] = node.get("properties", {}) | part.get("properties", {})
            node["required"] = sorted({*node.get("required", []), *part.get("required", [])})
    if isinstance(node.get("properties"), dict) and "additionalProperties" not in node:
        node["additionalProperties"] = False
    return {key: closed(value, document) for key, value in node.items()}


class Api:
    """The description, and the checks of answers against it."""

    def __init__(self, server: Server) -> None:
        self.document: dict[str, Any] = server.get("/api/v1/openapi.json").json()
        strict = copy.deepcopy(self.document)
        strict["paths"] = closed(strict["paths"], self.document)
        strict["components"] = closed(strict["components"], self.document)
        self._strict = strict
        self._registry = Registry().with_resource(BASE, Resource(contents=strict, specification=DRAFT202012))

    def operations(self) -> Iterator[tuple[str, str]]:
        for path, operations in self.document["paths"].items():
            for method in ("get", "post", "put", "patch", "delete"):
                if method in operations:
                    yield method, path

    def check(self, method: str, path: str, answer: Any) -> None:
        """Fails unless the answer is one that the description allows."""
        status = str(answer.status_code)
        told = f"{method.upper()} {answer.url} → {status}"
        responses = self._strict["paths"][path][method]["responses"]
        assert status in responses, f"{told} is not described: {answer.text[:300]}"
        where = ["paths", path, method, "responses", status]
        response = responses[status]
        if "$ref" in response:
            where = ["components", "responses", response["$ref"].rsplit("/", 1)[1]]
            response = self._strict["components"]["responses"][where[-1]]
        content = response.get("content")
        if not content:
            assert answer.content == b"", f"{told} has a body that is not described"
            return
        media = answer.headers["content-type"].split(";")[0].strip()
        assert media in content, f"{told} is {media}, described are {list(content)}"
        if media == "application/json" and "schema" in content[media]:
            reference = BASE + pointer(*where, "content", media, "schema")
            validator = Draft202012Validator({"$ref": reference}, registry=self._registry)
            problems = [
                f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(answer.json())
            ]
            assert not problems, f"{told}\n" + "\n".join(problems[:10])


@pytest.fixture(scope="module")
def api(server: Server) -> Api:
    return Api(server)


@pytest.fixture(scope="module")
def filled(server: Server) -> tuple[Project, dict[str, Any]]:
    """A project with two calls and a log line; and the first of its calls."""
    project = server.new_project()
    sender = GrpcSender(server)
    trace_ids = [new_trace_id(), new_trace_id()]
    for trace_id in trace_ids:
        spans = make_call(trace_id, turns=3)
        spans[0].events.add(name="note", time_unix_nano=spans[0].start_time_unix_nano)
        spans[0].links.add(trace_id=new_trace_id(), span_id=spans[1].span_id)
        assert sender.send(make_request(spans, service="front desk"), headers=project.headers).accepted
    logs = LogRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add()
    record.trace_id, record.body.string_value = trace_ids[0], "a line"
    assert sender.send(logs, headers=project.headers).accepted
    sender.close()
    for trace_id in trace_ids:
        project.wait_for_spans(trace_id.hex(), 16)
        project.wait_for_call(trace_id.hex())
    call = project.wait_for_call(trace_ids[0].hex())
    path = f"calls/{call['id']}/recordings"
    answer = server.request(
        "POST", path, key=project.key, params={"sample_rate": 8000, "encoding": "mulaw"}, data=b"\xff" * 8000
    )
    assert answer.status_code == 201, answer.text

    def heard() -> dict[str, Any]:
        whole = project.read(f"calls/{call['id']}")
        assert whole["audio"]["state"] == "done", whole["audio"]
        return whole

    return project, eventually(heard)


def test_the_description_is_valid(api: Api) -> None:
    assert api.document["openapi"].startswith("3.1")
    validate(api.document)


def test_every_get_answers_as_described(api: Api, filled: tuple[Project, dict[str, Any]]) -> None:
    project, call = filled
    (trace_id,) = call["trace_ids"]
    span_id = project.spans_of_trace(trace_id)[0]["span_id"]
    made = project.server.request(
        "POST",
        "webhooks",
        key=project.key,
        json={"url": "https://example.com/calls", "events": ["call.completed"]},
    )
    assert made.status_code == 201, made.text
    webhook = made.json()
    made = project.server.request(
        "POST", "views", key=project.key, json={"name": "slow", "query": "sort=-latency"}
    )
    assert made.status_code == 201, made.text
    view = made.json()
    values: dict[str, Any] = {
        "id": call["id"],
        "trace_id": trace_id,
        "span_id": span_id,
        "service": "front desk",
        "recording_id": call["recordings"][0]["id"],
        "provider": "retell",
    }
    parameters = {
        "/jaeger/api/traces": {"service": "front desk"},
        "/jaeger/api/operations": {"service": "front desk"},
        "/app/otel/validate/": {"project_id": project.id},
    }
    asked = 0
    for method, path in api.operations():
        if method != "get" or path.endswith("/events"):
            continue
        # An administrator's key reads other projects too, and is asked only where a project's may not.
        if path.startswith("/api/v1/projects/"):
            values["id"] = project.id
        elif path.startswith("/api/v1/webhooks/"):
            values["id"] = webhook["id"]
        elif path.startswith("/api/v1/views/"):
            values["id"] = view["id"]
        else:
            values["id"] = call["id"]
        if path.endswith("/play"):
            path_and_query = call["recordings"][0]["play_url"]
            answer = project.server.request("GET", path_and_query)
        else:
            answer = project.get(path.format(**values), **parameters.get(path, {}))
        if answer.status_code == 403:
            api.check(method, path, answer)
            answer = project.server.get(path, project_id=project.id)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        api.check(method, path, answer)
        asked += 1
    assert asked >= 20


VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("calls", {"limit": 1}),
    ("calls", {"sort": "-latency", "state": "running"}),
    ("calls", {"model": "gpt-4.1-mini", "tool": "look_up_order", "error": "true"}),
    ("calls", {"text": "question 1", "min_latency_ms": 1}),
    ("calls", {"metadata.plan": "pro"}),
    ("calls", {"flag": "orphan_spans", "min_heard_latency_ms": 1}),
    ("spans", {"kind": "llm", "limit": 2}),
    ("spans", {"attribute.stt.provider": "deepgram", "min_duration_ms": 1, "max_duration_ms": 1e6}),
    ("spans", {"text": "QUESTION", "name": "stt", "error": "false"}),
    ("stats/latency", {"stage": "tool", "group_by": "tool"}),
    ("stats/latency", {"stage": "response", "source": "computed", "interval": "1h"}),
    ("stats/latency", {"stage": "llm", "group_by": "model", "from": "2020-01-01T00:00:00Z"}),
    ("stats/tokens", {"group_by": "model", "interval": "1d"}),
    ("stats/cost", {"group_by": "provider"}),
    ("stats/tools", {"interval": "60s"}),
    ("stats/turns", {"source": "computed", "limit": 3}),
]


@pytest.mark.parametrize(("path", "parameters"), VARIANTS)
def test_filters_answer_as_described(
    api: Api, filled: tuple[Project, dict[str, Any]], path: str, parameters: dict[str, Any]
) -> None:
    answer = filled[0].get(path, **parameters)
    assert answer.status_code == 200, answer.text[:300]
    api.check("get", f"/api/v1/{path}", answer)


def test_errors_answer_as_described(api: Api, filled: tuple[Project, dict[str, Any]], server: Server) -> None:
    project, _ = filled
    wrong: list[tuple[str, str, Callable[[], Any], int]] = [
        ("get", "/api/v1/calls", lambda: server.request("GET", "calls"), 401),
        ("get", "/api/v1/calls", lambda: project.get("calls", limit=0), 400),
        ("get", "/api/v1/calls", lambda: project.get("calls", cursor="nonsense"), 400),
        ("get", "/api/v1/calls", lambda: project.get("calls", sort="colour"), 400),
        ("get", "/api/v1/calls", lambda: project.get("calls", **{"from": "yesterday-ish"}), 400),
        ("get", "/api/v1/calls", lambda: project.get("calls", project_id=1), 403),
        ("get", "/api/v1/calls/{id}", lambda: project.get("calls/999999999"), 404),
        ("get", "/api/v1/calls/{id}", lambda: project.get("calls/abc"), 400),
        ("get", "/api/v1/traces/{trace_id}", lambda: project.get("traces/" + "a" * 32), 404),
        ("get", "/api/v1/traces/{trace_id}", lambda: project.get("traces/xyz"), 400),
        ("get", "/api/v1/stats/latency", lambda: project.get("stats/latency", stage="coffee"), 400),
        ("get", "/api/v1/stats/latency", lambda: project.get("stats/latency", group_by="mood"), 400),
        (
            "get",
            "/api/v1/calls/{id}/recordings/{recording_id}",
            lambda: project.get(f"calls/{filled[1]['id']}/recordings/999999"),
            404,
        ),
        (
            "post",
            "/api/v1/calls/{id}/recordings",
            lambda: server.request(
                "POST", f"calls/{filled[1]['id']}/recordings", key=project.key, data=b"no audio"
            ),
            415,
        ),
        ("get", "/jaeger/api/traces/{trace_id}", lambda: project.get("/jaeger/api/traces/" + "a" * 32), 404),
        ("get", "/jaeger/api/traces/{trace_id}", lambda: project.get("/jaeger/api/traces/zz"), 400),
        ("get", "/jaeger/api/operations", lambda: project.get("/jaeger/api/operations"), 400),
        ("get", "/jaeger/api/services", lambda: server.request("GET", "/jaeger/api/services"), 401),
    ]
    for method, path, ask, status in wrong:
        answer = ask()
        assert answer.status_code == status, f"{answer.url}: {answer.status_code} {answer.text[:300]}"
        api.check(method, path, answer)
        if path.startswith("/api/v1/"):
            assert answer.json()["error"]["message"]


def test_administration_answers_as_described(api: Api, server: Server) -> None:
    def send(method: str, path: str, template: str, body: Any, status: int) -> Any:
        answer = server.request(method, path, key=server.key, json=body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        api.check(method.lower(), template, answer)
        return answer.json() if answer.content else None

    project = send("POST", "projects", "/api/v1/projects", {"name": "contract"}, 201)
    agent = send("POST", "agents", "/api/v1/agents", {"name": "contract", "project_id": project["id"]}, 201)
    assert agent["project_id"] == project["id"]
    key = send(
        "POST",
        "keys",
        "/api/v1/keys",
        {"project_id": project["id"], "access": "read-only", "name": "k"},
        201,
    )
    assert key["key"] not in server.get("keys", project_id=project["id"]).text
    send("POST", "projects", "/api/v1/projects", {}, 400)
    send("POST", "agents", "/api/v1/agents", {"project_id": project["id"]}, 400)
    send("POST", "keys", "/api/v1/keys", {"project_id": project["id"], "access": "all", "name": "k"}, 400)
    send("DELETE", f"keys/{key['id']}", "/api/v1/keys/{id}", None, 204)
    send("DELETE", "keys/999999999", "/api/v1/keys/{id}", None, 404)
    bad = server.request("POST", "projects", key=server.key, data=b"{not json")
    assert bad.status_code == 400
    api.check("post", "/api/v1/projects", bad)


def test_pages_join_without_gap_or_double(filled: tuple[Project, dict[str, Any]]) -> None:
    project, call = filled
    for path in ("calls", "spans", f"calls/{call['id']}/spans"):
        whole = [json.dumps(item, sort_keys=True) for item in project.items(path)]
        paged = [json.dumps(item, sort_keys=True) for item in project.items(path, limit=1)]
        assert paged == whole, path
        assert len(set(whole)) == len(whole) > 1


def test_otlp_comes_back_as_it_was_sent(filled: tuple[Project, dict[str, Any]], server: Server) -> None:
    project, call = filled
    (trace_id,) = call["trace_ids"]
    otlp = project.read(f"traces/{trace_id}", format="otlp")
    again = server.new_project()
    sent = server.request("POST", "/v1/traces", key=again.key, json=otlp)
    assert sent.status_code == 200, sent.text
    first = {span["span_id"]: span for span in project.spans_of_trace(trace_id)}
    second = {span["span_id"]: span for span in again.wait_for_spans(trace_id, len(first))}
    for span_id, span in first.items():
        for name in (
            "name",
            "kind",
            "start_time_unix_nano",
            "attributes",
            "events",
            "links",
            "status",
            "scope",
        ):
            assert second[span_id].get(name) == span.get(name), name


def test_a_call_can_be_followed(api: Api, server: Server) -> None:
    project = server.new_project()
    sender = GrpcSender(server)
    trace_id = new_trace_id()
    spans = make_call(trace_id, turns=2)
    assert sender.send(make_request(spans[1:7]), headers=project.headers).accepted
    call = project.wait_for_call(trace_id.hex())
    with server.request(
        "GET", f"calls/{call['id']}/events", key=project.key, stream=True, timeout=30
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        seen: set[str] = set()

        def next_event() -> tuple[str, Any]:
            name = ""
            for line in lines:
                if line.startswith("event:"):
                    name = line.removeprefix("event:").strip()
                elif line.startswith("data:"):
                    return name, json.loads(line.removeprefix("data:"))
            raise AssertionError("the stream ended")

        sent_rest = False
        while len(seen) < len(spans) - 1:
            name, data = next_event()
            assert name in ("call", "spans", "end"), name
            if name == "spans":
                seen |= {span["span_id"] for span in data["items"]}
            if not sent_rest and seen:
                assert sender.send(make_request(spans[7:]), headers=project.headers).accepted
                sent_rest = True
    sender.close()
    assert seen == {span.span_id.hex() for span in spans[1:]}
    assert "text/event-stream" in json.dumps(api.document["paths"]["/api/v1/calls/{id}/events"])


def test_a_deleted_call_is_gone_everywhere(api: Api, server: Server) -> None:
    project = server.new_project()
    sender = GrpcSender(server)
    gone, kept = new_trace_id(), new_trace_id()
    for trace_id in (gone, kept):
        request = make_request(make_call(trace_id, marker=f"words of {trace_id.hex()}"))
        assert sender.send(request, headers=project.headers).accepted
    sender.close()
    call, other = (project.wait_for_call(trace_id.hex()) for trace_id in (gone, kept))
    answer = server.request("DELETE", f"calls/{call['id']}", key=project.key)
    assert answer.status_code == 204
    api.check("delete", "/api/v1/calls/{id}", answer)

    def nothing_left() -> bool:
        assert project.get(f"calls/{call['id']}").status_code == 404
        assert project.get(f"calls/{call['id']}/spans").status_code == 404
        assert project.get(f"traces/{gone.hex()}").status_code == 404
        assert gone.hex() not in project.get("spans", limit=1000).text
        assert gone.hex() not in project.get("calls").text
        assert project.get(f"/jaeger/api/traces/{gone.hex()}").status_code == 404
        return True

    eventually(nothing_left, timeout=0)
    assert project.read(f"calls/{other['id']}")["span_count"] == 11
    assert len(project.spans_of_trace(kept.hex())) == 11
