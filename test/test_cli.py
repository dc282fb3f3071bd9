"""The command line, on a data folder and on a server."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
import requests
from otlp import GrpcSender, make_call, make_request, new_trace_id
from server import BINARY, Project, Server


def run_json(server: Server, *arguments: str) -> Any:
    return json.loads(server.run_cli(*arguments, "--json").stdout)


@pytest.fixture(scope="module")
def project(server: Server) -> Project:
    return server.new_project()


@pytest.fixture(scope="module")
def call(project: Project) -> dict[str, Any]:
    trace_id = new_trace_id()
    sender = GrpcSender(project.server)
    assert sender.send(make_request(make_call(trace_id, turns=2)), headers=project.headers).accepted
    sender.close()
    project.wait_for_spans(trace_id.hex(), 11)
    return project.wait_for_call(trace_id.hex())


def remote(project: Project) -> list[str]:
    return ["--server", project.server.http, "--key", project.key]


def local(project: Project) -> list[str]:
    return ["--data", str(project.server.data), "--project", str(project.id)]


@pytest.mark.parametrize("target", [remote, local])
def test_calls_are_shown(
    project: Project, call: dict[str, Any], target: Callable[[Project], list[str]]
) -> None:
    server, where = project.server, target(project)
    listed = run_json(server, "call", "list", *where)
    assert [item["id"] for item in listed["items"]] == [call["id"]]
    assert run_json(server, "call", "list", *where, "--tool", "no such") == {"items": [], "next": None}
    assert run_json(server, "call", "show", str(call["id"]), *where)["trace_ids"] == call["trace_ids"]
    trace = run_json(server, "trace", "show", call["trace_ids"][0], *where)
    assert len(trace["spans"]) == 11
    whole = json.loads(server.run_cli("call", "export", str(call["id"]), *where).stdout)
    assert len(whole["spans"]) == 11
    for words in (
        ["call", "list"],
        ["call", "show", str(call["id"])],
        ["trace", "show", call["trace_ids"][0]],
    ):
        text = server.run_cli(*words, *where).stdout
        assert text.strip()
        assert not text.startswith("{")
    assert "look_up_order" in server.run_cli("call", "show", str(call["id"]), *where).stdout


def test_an_export_can_be_sent_again(project: Project, call: dict[str, Any]) -> None:
    server = project.server
    text = server.run_cli("call", "export", str(call["id"]), *remote(project), "--format", "otlp").stdout
    again = server.new_project()
    for line in text.splitlines():
        answer = server.request("POST", "/v1/traces", key=again.key, json=json.loads(line))
        assert answer.status_code == 200
    assert len(again.wait_for_spans(call["trace_ids"][0], 11)) == 11


def test_a_call_is_deleted(server: Server) -> None:
    project = server.new_project()
    trace_id = new_trace_id()
    sender = GrpcSender(server)
    assert sender.send(make_request(make_call(trace_id)), headers=project.headers).accepted
    sender.close()
    call = project.wait_for_call(trace_id.hex())
    server.run_cli("call", "delete", str(call["id"]), *remote(project))
    assert project.items("calls") == []
    assert project.spans_of_trace(trace_id.hex()) == []


@pytest.mark.parametrize("running", [True, False])
def test_administration_of_a_folder(new_server: Callable[..., Server], running: bool) -> None:
    server = new_server()
    if not running:
        server.stop()
    data = ["--data", str(server.data)]
    made = run_json(server, "project", "create", "clinic", *data)
    assert "clinic" in {item["name"] for item in run_json(server, "project", "list", *data)["items"]}
    where = [*data, "--project", str(made["id"])]
    agent = run_json(server, "agent", "create", "desk", "--service-name", "front-desk", *where)
    assert [item["id"] for item in run_json(server, "agent", "list", *where)["items"]] == [agent["id"]]
    key = run_json(server, "key", "create", "--name", "exporter", *where)
    reader = run_json(server, "key", "create", "--access", "read-only", *where)
    assert len(run_json(server, "key", "list", *where)["items"]) == 2
    assert key["key"] not in server.run_cli("key", "list", *where, "--json").stdout
    if not running:
        server.start()
    project = Project(made["id"], key["key"], server)
    trace_id = new_trace_id()
    sender = GrpcSender(server)
    request = make_request(make_call(trace_id), service="front-desk")
    assert sender.send(request, headers=project.headers).accepted
    assert project.wait_for_call(trace_id.hex())["agent_id"] == agent["id"]
    assert sender.send(request, headers={"x-cekura-api-key": reader["key"]}).code == "PERMISSION_DENIED"
    sender.close()
    server.run_cli("key", "revoke", str(key["id"]), *where)
    server.restart()
    assert project.get("calls").status_code == 401


@pytest.mark.parametrize(
    "arguments",
    [
        ["call", "show", "999999999"],
        ["call", "show", "abc"],
        ["trace", "show", "f" * 32],
        ["trace", "show", "xyz"],
        ["call", "delete", "999999999"],
        ["key", "revoke", "999999999"],
    ],
)
def test_what_is_not_there_is_an_error(project: Project, arguments: list[str]) -> None:
    done = project.server.run_cli(*arguments, *remote(project), check=False)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert done.stderr.startswith("callscope: ")


@pytest.mark.parametrize(
    "arguments", [[], ["no-such"], ["serve", "--no-such"], ["serve", "--http", "nowhere"]]
)
def test_a_wrong_command_line_is_an_error(server: Server, arguments: list[str]) -> None:
    done = server.run_cli(*arguments, check=False)
    assert done.returncode == 2
    assert done.stderr


def test_flag_before_variable_before_file(server: Server, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "callscope.toml"
    file.write_text('data = "from-file"\nlist_limit_max = 700\nquery_ms_max = 8\n')
    monkeypatch.setenv("CALLSCOPE_LIST_LIMIT_MAX", "900")
    monkeypatch.setenv("CALLSCOPE_DATA", "from-variable")
    shown = run_json(server, "config", "show", "--config", str(file), "--data", "from-flag")
    assert shown["data"]["value"] == "from-flag"
    assert shown["list_limit_max"]["value"] == "900"
    assert shown["query_ms_max"]["value"] == "8"
    assert shown["grpc"]["value"] == "127.0.0.1:4317"


def test_doctor_finds_a_sound_folder_sound(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    sender = GrpcSender(server)
    assert sender.send(make_request(make_call(new_trace_id())), headers=project.headers).accepted
    sender.close()
    server.run_cli("doctor", "--data", str(server.data))
    server.stop()
    server.run_cli("doctor", "--data", str(server.data))


def test_a_corrupt_segment_is_named_and_the_rest_is_served(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    traces = []
    for _ in range(2):
        traces.append(new_trace_id().hex())
        sender = GrpcSender(server)
        spans = make_call(bytes.fromhex(traces[-1]), turns=4)
        assert sender.send(make_request(spans), headers=project.headers).accepted
        sender.close()
        server.restart()
    segments = sorted(
        (server.data / "lake" / "spans").rglob("*.parquet"), key=lambda path: path.stat().st_mtime_ns
    )
    assert len(segments) == 2
    server.stop()
    damaged = segments[0]
    content = bytearray(damaged.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    damaged.write_bytes(content)
    server.start()
    assert len(project.wait_for_spans(traces[1], 21)) == 21
    assert project.get(f"traces/{traces[0]}").status_code < 500
    assert project.get("stats/tokens").status_code == 200
    done = server.run_cli("doctor", "--data", str(server.data), check=False)
    assert done.returncode != 0
    assert damaged.name in done.stdout + done.stderr


@pytest.mark.parametrize("running", [True, False])
def test_users_of_a_folder(new_server: Callable[..., Server], running: bool) -> None:
    server = new_server()
    where = ["--data", str(server.data)]
    if not running:
        server.stop()
    made = run_json(server, "user", "add", "ada@example.com", "--role", "admin", *where)
    assert (made["role"], len(made["password"])) == ("admin", 16)
    listed = run_json(server, "users", "list", *where)["items"]
    assert [(user["name"], user["role"]) for user in listed] == [("ada@example.com", "admin")]
    assert "password" not in listed[0]
    assert "ada@example.com" in server.run_cli("user", "list", *where).stdout
    again = server.run_cli("user", "add", "ADA@example.com", *where, check=False)
    assert again.returncode == 1
    assert "has that name already" in again.stderr
    changed = run_json(server, "user", "passwd", "ada@example.com", *where)
    assert changed["password"] != made["password"]
    kept = server.run_cli("user", "remove", "ada@example.com", *where, check=False)
    assert kept.returncode == 1
    assert "last user who may administer" in kept.stderr
    if not running:
        server.start()

    def sign_in(password: str) -> int:
        body = {"name": "ada@example.com", "password": password}
        return requests.post(server.url("sessions"), json=body, timeout=30).status_code

    assert sign_in(made["password"]) == 401
    assert sign_in(changed["password"]) == 201


def test_users_of_a_server(server: Server) -> None:
    where = ["--server", server.http, "--key", server.key]
    made = run_json(server, "user", "add", "bob", "--role", "viewer", *where)
    assert made["role"] == "viewer"
    assert made["id"] in [user["id"] for user in run_json(server, "user", "list", *where)["items"]]
    assert "bob" in server.run_cli("user", "passwd", "bob", *where).stdout
    assert run_json(server, "user", "remove", "bob", *where) == {"id": made["id"]}


def test_a_password_comes_from_the_input(server: Server) -> None:
    command = [str(BINARY), "user", "add", "carol", "--password-stdin", "--data", str(server.data)]
    done = subprocess.run(command, input="a phrase of mine\n", capture_output=True, text=True, check=True)
    assert "phrase" not in done.stdout
    body = {"name": "carol", "password": "a phrase of mine"}
    assert requests.post(server.url("sessions"), json=body, timeout=30).status_code == 201
