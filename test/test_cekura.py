"""The hosted service's own package against this server: its REST client, and its SDK in a Pipecat agent."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cekura import Cekura
from cekura._exceptions import APIError, AuthenticationError, NotFoundError
from server import Project, Server, eventually

TRANSCRIPT = [
    {"role": "Testing Agent", "content": "Hi", "start_time": 0.4, "end_time": 0.9},
    {"role": "Main Agent", "content": "Hello", "start_time": 1.6, "end_time": 2.1},
]


@pytest.fixture
def project(server: Server) -> Project:
    return server.new_project()


@pytest.fixture
def agent_id(project: Project) -> int:
    return int(project.server.create("agents", name="front desk", project_id=project.id)["id"])


def client_of(project: Project) -> Any:
    return Cekura(api_key=project.key, base_url=project.server.http)


def test_send_read_and_delete(project: Project, agent_id: int) -> None:
    client = client_of(project)
    sent = client.calls.send(
        agent=agent_id,
        call_id="sess-1",
        transcript_json=TRANSCRIPT,
        metadata={"plan": "pro"},
        call_ended_reason="customer-ended-call",
        timestamp="2026-11-20T03:04:05Z",
    )
    assert sent["call_id"] == "sess-1"
    assert sent["transcript"] == "[00:00] Testing Agent: Hi\n[00:01] Main Agent: Hello"
    again = client.calls.send(agent=agent_id, call_id="sess-1", call_ended_reason="error")
    assert again["id"] == sent["id"]
    call = client.calls.get(sent["id"])
    assert call["call_ended_reason"] == "error"
    assert call["metadata"] == {"plan": "pro"}
    assert [entry["content"] for entry in call["transcript_object"]] == ["Hi", "Hello"]
    listed = client.calls.list(agent_id=agent_id, timestamp_from="2026-11-01T00:00:00Z")
    assert [item["id"] for item in listed["results"]] == [sent["id"]]
    client.calls.delete(sent["id"])
    with pytest.raises(NotFoundError):
        client.calls.get(sent["id"])


def test_a_call_without_a_time_is_as_long_as_its_words(project: Project, agent_id: int) -> None:
    client = client_of(project)
    sent = client.calls.send(agent=agent_id, call_id="untimed", transcript_json=TRANSCRIPT)
    assert sent["duration"] == client.calls.get(sent["id"])["duration"] == "00:02"


def test_errors_are_those_it_knows(project: Project, agent_id: int) -> None:
    client = client_of(project)
    with pytest.raises(APIError, match="This field is required"):
        client.calls.send(agent=agent_id)
    with pytest.raises(NotFoundError):
        client.agents.list()
    with pytest.raises(AuthenticationError):
        Cekura(api_key="wrong", base_url=project.server.http).calls.list()


def test_the_sdk_brings_one_call_of_everything(project: Project, agent_id: int, tmp_path: Path) -> None:
    server = project.server
    agent = Path(__file__).parent / "clients/cekura_agent.py"
    environment = os.environ | {"AWS_ENDPOINT_URL_S3": server.http, "HOME": str(tmp_path)}
    subprocess.run(
        [
            sys.executable,
            str(agent),
            server.http,
            f"http://{server.grpc}",
            project.key,
            str(agent_id),
            "session-7",
            "observe",
        ],
        check=True,
        env=environment,
        timeout=120,
    )

    def whole() -> dict[str, Any]:
        calls = project.items("calls")
        assert len(calls) == 1, [call["call_id"] for call in calls]
        call = project.read(f"calls/{calls[0]['id']}")
        assert call["span_count"] > 10
        assert call["recordings"], "no recording"
        assert call["audio"]["state"] == "done", call["audio"]["state"]
        return call

    call = eventually(whole)
    assert call["call_id"] == "session-7"
    assert {"otlp", "session", "recording"} <= set(call["sources"])
    assert call["full_metadata"]["plan"] == "pro"
    said = [entry["text"] for entry in call["transcript"] if entry["role"] == "caller"]
    assert said[0] == "I would like a table for four."
    tools = [entry["tool"]["name"] for entry in call["transcript"] if entry["role"] == "tool"]
    assert tools == ["find_table", "book_table"]
    assert [(tool["name"], tool["is_error"]) for tool in call["tools"]] == [
        ("find_table", False),
        ("book_table", True),
    ]
    recording = call["recordings"][0]
    assert (recording["channels"], recording["sample_rate_hz"]) == (2, 24_000)
    sound = project.get(recording["url"].removeprefix("/api/v1/"))
    assert sound.headers["Content-Type"] == "audio/wav"
    assert sound.content[:4] == b"RIFF"
