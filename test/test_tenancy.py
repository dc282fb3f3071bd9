"""A key or a user of one project reads, changes and deletes nothing of another, on any route."""

import re
import secrets
from typing import Any

import pytest
import requests
from otlp import GrpcSender, LogRequest, attributes, make_call, make_request, new_trace_id
from server import Project, Server, eventually

METHODS = ("get", "post", "put", "patch", "delete")
# Routes whose answer is about the server and no project's.
OF_NO_PROJECT = {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"}
PASSWORD = "correct horse"
# Routes that take no API key but a signature, which test_s3.py is about, and the end of this file.
S3 = "/callscope-recordings/"
SIGNED = (S3, "/play")
SIGN_IN = "/api/v1/sessions"  # takes a password
SIGN_OUT = "/api/v1/sessions/current"
STREAM_SECONDS = 5
# The recordings of other tests on this server are analysed first.
ANALYSIS_SECONDS = 120


class Owner:
    """Project A: a call, a trace, logs, an agent and a key, all of them carrying the marker."""

    def __init__(self, server: Server) -> None:
        self.marker = "marker" + secrets.token_hex(8)
        self.project = server.new_project(f"A {self.marker}")
        self.agent = server.create("agents", name=f"agent {self.marker}", project_id=self.project.id)
        self.key_id = server.create("keys", project_id=self.project.id, access="read-only", name=self.marker)[
            "id"
        ]
        self.trace_id = new_trace_id()
        spans = make_call(self.trace_id, marker=self.marker)
        for span in spans:
            span.attributes.extend(attributes({f"key.{self.marker}": 1}))
        self.span_id = spans[0].span_id.hex()
        sender = GrpcSender(server)
        headers = self.project.headers | {"x-cekura-agent-id": str(self.agent["id"])}
        service = f"service {self.marker}"
        assert sender.send(make_request(spans, service=service), headers=headers).accepted
        logs = LogRequest()
        record = logs.resource_logs.add().scope_logs.add().log_records.add()
        record.trace_id, record.body.string_value = self.trace_id, self.marker
        assert sender.send(logs, headers=headers).accepted
        sender.close()
        self.project.wait_for_spans(self.trace_id.hex(), len(spans))
        self.call = self.project.wait_for_call(self.trace_id.hex())
        answer = server.request(
            "POST",
            f"calls/{self.call['id']}/recordings",
            key=self.project.key,
            params={"sample_rate": 8000},
            data=self.marker.encode() * 100,
        )
        assert answer.status_code == 201, answer.text
        self.recording_id = answer.json()["id"]
        peaks = f"calls/{self.call['id']}/recordings/{self.recording_id}/peaks"
        eventually(
            lambda: server.get(peaks, key=self.project.key).status_code == 200,
            timeout=ANALYSIS_SECONDS,
        )
        self.webhook_id = server.create(
            "webhooks", project_id=self.project.id, url=f"https://{self.marker}.invalid/"
        )["id"]
        self.user_id = server.create(
            "users", name=self.marker, password=PASSWORD, project_id=self.project.id
        )["id"]
        self.view_id = server.create("views", project_id=self.project.id, name=self.marker)["id"]

    def fill(self, path: str) -> str:
        """Returns the route's path with A's ids in it."""
        if "/calls/" in path:
            id_ = str(self.call["id"])
        elif "/keys/" in path:
            id_ = str(self.key_id)
        elif "/webhooks/" in path:
            id_ = str(self.webhook_id)
        elif "/users/" in path:
            id_ = str(self.user_id)
        elif "/views/" in path:
            id_ = str(self.view_id)
        elif "/agents/" in path:
            id_ = str(self.agent["id"])
        else:
            id_ = str(self.project.id)
        values = {
            "id": id_,
            "trace_id": self.trace_id.hex(),
            "span_id": self.span_id,
            "recording_id": str(self.recording_id),
            "delivery_id": "1",
            "provider": "retell",
            "service": f"service {self.marker}",
        }
        return re.sub(r"\{(\w+)\}", lambda match: values[match.group(1)], path)

    def parameters(self, names: list[str]) -> dict[str, Any]:
        """Returns values that ask for A's data, for those of the names that have one."""
        return {
            name: value
            for name, value in {
                "project_id": self.project.id,
                "agent_id": self.agent["id"],
                "text": self.marker,
                "service": f"service {self.marker}",
                "traceID": self.trace_id.hex(),
                "tool": "look_up_order",
                "group_by": "agent",
            }.items()
            if name in names
        }

    def is_whole(self) -> bool:
        call = self.project.read(f"calls/{self.call['id']}")
        spans = self.project.spans_of_trace(self.trace_id.hex())
        keys = {
            key["id"] for key in self.project.server.get("keys", project_id=self.project.id).json()["items"]
        }
        users = {user["id"] for user in self.project.server.get("users").json()["items"]}
        recordings = [recording["id"] for recording in call["recordings"]]
        return (
            call["span_count"] == len(spans) > 0
            and self.key_id in keys
            and self.user_id in users
            and recordings == [self.recording_id]
        )


@pytest.fixture(scope="module")
def owner(server: Server) -> Owner:
    return Owner(server)


def routes(server: Server) -> list[tuple[str, str, list[str]]]:
    """Returns method, path and parameter names of every route in the API's description."""
    description = server.get("/api/v1/openapi.json").json()
    shared = description.get("components", {}).get("parameters", {})
    found = []
    for path, operations in description["paths"].items():
        if any(part in path for part in SIGNED):
            continue
        for method in METHODS:
            if method not in operations:
                continue
            names = []
            for parameter in operations.get("parameters", []) + operations[method].get("parameters", []):
                if "$ref" in parameter:
                    parameter = shared[parameter["$ref"].rsplit("/", 1)[1]]
                names.append(parameter["name"])
            found.append((method.upper(), path, names))
    return found


def read_some(answer: Any) -> str:
    """Returns the body; of an event stream what comes first."""
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        text = next(answer.iter_content(65536), b"").decode(errors="replace")
        answer.close()
        return text
    return answer.text


def ask(server: Server, method: str, path: str, key: str | None, **arguments: Any) -> tuple[int, str]:
    answer = server.request(method, path, key=key, stream=True, timeout=STREAM_SECONDS, **arguments)
    try:
        return answer.status_code, read_some(answer)
    finally:
        answer.close()


def sign_in(server: Server, project_id: int, role: str) -> dict[str, str]:
    """Returns the headers by which a browser asks as a new user of the project."""
    name = secrets.token_hex(8)
    server.create("users", name=name, password=PASSWORD, role=role, project_id=project_id)
    # Not by the server's own connection, which would keep the cookie for everybody.
    answer = requests.post(server.url("sessions"), json={"name": name, "password": PASSWORD}, timeout=30)
    assert answer.status_code == 201, answer.text
    return {"Cookie": answer.headers["set-cookie"].split(";")[0], "x-callscope-page": "1"}


def body_for(owner: Owner) -> dict[str, Any]:
    return {"name": "intruder", "project_id": owner.project.id, "access": "read-write"}


@pytest.fixture(params=["read-write", "read-only"])
def stranger(request: pytest.FixtureRequest, server: Server) -> Project:
    """Project B with a key of its own."""
    return server.new_project(access=request.param)


@pytest.fixture(params=["key read-write", "key read-only", "user member", "user viewer"])
def strange_headers(request: pytest.FixtureRequest, server: Server) -> dict[str, str]:
    """Headers of project B: with a key of it, or with the cookie of a user of it."""
    kind, may = request.param.split()
    if kind == "key":
        return server.new_project(access=may).headers
    return sign_in(server, server.new_project().id, may)


def test_another_project_gets_nothing(server: Server, owner: Owner, strange_headers: dict[str, str]) -> None:
    for method, template, names in routes(server):
        if template in OF_NO_PROJECT or template.startswith("/v1/") or template == SIGN_OUT:
            continue
        path = owner.fill(template)
        for parameters in ({}, owner.parameters(names)):
            arguments = {"params": parameters} | ({"json": body_for(owner)} if method != "GET" else {})
            status, text = ask(server, method, path, None, headers=strange_headers, **arguments)
            told = f"{method} {path} {parameters}: {status}"
            assert status < 500, told
            # An error may repeat what was asked for, but nothing more.
            if status < 400:
                assert owner.marker not in text, told
                assert owner.trace_id.hex() not in text, told
            if "{" in template and method != "GET":
                assert status in (403, 404), told
            if "{" in template and "jaeger" not in template:
                assert status in (403, 404), told
            if method == "POST" and parameters == {}:
                assert status in (400, 403, 404), told
    assert owner.is_whole()


def test_an_api_key_uploads_nothing(server: Server, owner: Owner) -> None:
    for prefix in ("", "/s3"):
        path = f"{prefix}{S3}recordings/{owner.project.id}/x"
        for method in ("PUT", "POST", "DELETE", "HEAD"):
            status, text = ask(server, method, path, owner.project.key, data=b"x")
            assert status == 403, f"{method} {path}: {status} {text}"
        status, _ = ask(server, "GET", path, owner.project.key)
        assert status == 405


def test_without_a_key_there_is_nothing(server: Server, owner: Owner) -> None:
    for method, template, names in routes(server):
        if template in OF_NO_PROJECT or template == SIGN_IN:
            continue
        arguments = {"params": owner.parameters(names)} | (
            {"json": body_for(owner)} if method != "GET" else {}
        )
        for key in (None, "no-such-key", ""):
            status, text = ask(server, method, owner.fill(template), key, **arguments)
            told = f"{method} {template} with key {key!r}"
            assert status == 401, f"{told}: {status}"
            assert owner.marker not in text, told
    assert owner.is_whole()


def test_the_owner_s_key_reads_them(server: Server, owner: Owner) -> None:
    """The twin of the first test: what is asked for there is to be had."""
    seen = 0
    for method, template, names in routes(server):
        if method != "GET" or template in OF_NO_PROJECT or "{" not in template:
            continue
        status, text = ask(
            server, "GET", owner.fill(template), owner.project.key, params=owner.parameters(names)
        )
        assert status == 200, f"{template}: {status} {text[:300]}"
        seen += owner.marker in text or owner.trace_id.hex() in text
    assert seen >= 5


def test_a_read_only_key_changes_nothing(server: Server, owner: Owner) -> None:
    key = server.new_key(owner.project.id, "read-only")
    for method, template, _ in routes(server):
        if method == "GET":
            continue
        status, _text = ask(server, method, owner.fill(template), key, json=body_for(owner))
        assert status in (400, 401, 403), f"{method} {template}: {status}"
    assert owner.is_whole()


def test_a_user_reads_what_the_key_reads(server: Server, owner: Owner) -> None:
    """The twin of the first test for users, and a viewer changes nothing."""
    headers = sign_in(server, owner.project.id, "viewer")
    for method, template, names in routes(server):
        # Senders, and those who ask as Jaeger, have keys.
        if template == SIGN_OUT or not template.startswith("/api/v1/"):
            continue
        path = owner.fill(template)
        if method != "GET":
            status, _ = ask(server, method, path, None, headers=headers, json=body_for(owner))
            assert status in (400, 403), f"{method} {template}: {status}"
        elif "{" in template:
            status, text = ask(server, "GET", path, None, headers=headers, params=owner.parameters(names))
            assert status == 200, f"{template}: {status} {text[:300]}"
    assert owner.is_whole()


def test_a_project_s_key_does_not_administer(server: Server, owner: Owner) -> None:
    key = owner.project.key
    answer = server.request("POST", "projects", key=key, json={"name": "more"})
    assert answer.status_code == 403
    other = server.new_project()
    answer = server.request(
        "POST", "keys", key=key, json={"project_id": other.id, "access": "read-write", "name": "x"}
    )
    assert answer.status_code == 403


def test_trace_ids_do_not_collide_across_projects(server: Server) -> None:
    """Two projects may send the same trace and span ids; each has its own."""
    trace_id = new_trace_id()
    spans = make_call(trace_id, turns=1)
    projects = [server.new_project(), server.new_project()]
    sender = GrpcSender(server)
    for number, project in enumerate(projects):
        for span in spans:
            del span.attributes[:]
            span.attributes.extend(attributes({"owner": number}))
        assert sender.send(make_request(spans), headers=project.headers).accepted
    sender.close()
    for number, project in enumerate(projects):
        stored = project.wait_for_spans(trace_id.hex(), len(spans))
        assert len(stored) == len(spans)
        assert {int(span["attributes"]["owner"]) for span in stored} == {number}
    victim, other = projects
    call = victim.wait_for_call(trace_id.hex())
    assert victim.server.request("DELETE", f"calls/{call['id']}", key=victim.key).status_code == 204
    assert len(other.wait_for_spans(trace_id.hex(), len(spans))) == len(spans)


def test_a_play_link_is_good_for_one_recording(server: Server, owner: Owner, stranger: Project) -> None:
    recording = owner.project.read(f"calls/{owner.call['id']}")["recordings"][0]
    link = recording["play_url"]
    played = server.request("GET", link)
    assert played.status_code == 200
    assert (
        owner.marker.encode()
        in server.request("GET", recording["url"] + "?original=1", key=owner.project.key).content
    )
    part = server.request("GET", link, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, played.content[10:20])

    path, query = link.split("?")
    elsewhere = [path.removesuffix("/play"), f"/api/v1/calls/{owner.call['id']}", recording["url"] + "/peaks"]
    for other in elsewhere:
        assert server.request("GET", f"{other}?{query}").status_code == 401, other
    of_stranger = link.replace(f"project_id={owner.project.id}", f"project_id={stranger.id}")
    assert server.request("GET", of_stranger, key=stranger.key).status_code == 403
    assert server.request("GET", path, key=stranger.key).status_code == 400
    forged = link[:-1] + ("0" if link[-1] != "0" else "1")
    assert server.request("GET", forged).status_code == 403

    signature = query.split("signature=")[1]
    assert signature not in server.log.read_text(errors="replace")
