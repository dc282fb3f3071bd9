"""A real livekit-agents session; livekit_agent.py scripts its caller and plugins."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from server import Project, eventually

AGENT = Path(__file__).with_name("livekit_agent.py")
API_KEY = "APIlivekit"
SECRET = "a secret of more than thirty-two characters"
SAID = [
    "Hello, how can I help?",
    "I would like a table for four.",
    "Of course, for which day?",
    "Tomorrow at eight.",
    "Eight is free. Shall I book it?",
    "Yes, book it please.",
    "I could not book it just yet and I am very sorry about that indeed.",
    "Never mind, thank you.",
    "Thank you for calling.",
]


def run_agent(mode: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, str(AGENT), mode],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def the_call(project: Project, whole: Any) -> dict[str, Any]:
    """Returns the one call of the project, once it is whole."""

    def found() -> dict[str, Any]:
        calls = project.items("calls")
        assert len(calls) == 1, [call["call_id"] for call in calls]
        call = project.read(f"calls/{calls[0]['id']}")
        whole(call)
        return call

    return eventually(found)


def check_turns(call: dict[str, Any]) -> None:
    greeting, *turns = call["turns"]
    assert greeting["user"] is None
    assert greeting["agent"]["text"] == SAID[0]
    assert [turn["user"]["text"] for turn in turns] == SAID[1::2]
    assert [turn["agent"]["text"].strip() for turn in turns] == SAID[2::2]
    assert [turn.get("interrupted_by") == "user" for turn in turns] == [False, False, True, False]
    assert call["interruption_count"] == 1
    # What LiveKit measured and what the spans say: the caller is done for 0.3 s until the turn is over,
    # and then come the model's 0.15 s and the voice's 0.1 s. How much longer each takes is the machine's.
    for turn in turns:
        latency = turn["latency"]
        assert latency["computed_from"] == "agent_speech-user_speech"
        assert abs(latency["reported_ms"] - latency["computed_ms"]) < 60
        stages = turn["stages"]
        assert stages["endpointing_ms"] > 280
        assert stages["llm_ttft_ms"] > 140
        assert stages["tts_ttfb_ms"] > 90
        parts = ("endpointing_ms", "llm_rounds_ms", "tool_ms", "llm_ttft_ms", "tts_ttfb_ms")
        assert 500 < sum(stages.get(part, 0) for part in parts) < latency["computed_ms"] + 60
    assert turns[1]["stages"]["llm_rounds_ms"] > 140
    assert turns[1]["stages"]["tool_ms"] >= 50
    # The reply that the caller broke into ends where it was cut off, not where it would have ended.
    cut_off = turns[2]["agent"]
    assert cut_off["end_s"] - cut_off["start_s"] < 1.5

    tools = {tool["name"]: tool for tool in call["tools"]}
    assert set(tools) == {"find_table", "book_table"}
    assert json.loads(tools["find_table"]["arguments"]) == {"guests": 4}
    assert tools["find_table"]["result"] == "table 7 for 4"
    assert tools["book_table"]["is_error"] is True
    assert "locked" in tools["book_table"]["error"]


def check_use(call: dict[str, Any]) -> None:
    """Each request to a provider is counted once."""
    models = {model["kind"]: model for model in call["models"]}
    assert {kind: model["calls"] for kind, model in models.items()} == {"llm": 6, "stt": 4, "tts": 5}
    assert models["llm"]["provider"] == "openai"
    assert models["stt"]["model"] == "nova-3"
    assert call["totals"]["input_tokens"] == 6 * 240
    assert call["totals"]["cache_read_tokens"] == 6 * 128
    assert call["totals"]["characters"] == sum(len(text) for text in SAID[::2])
    assert call["totals"]["cost_usd"] > 0
    assert {flag["code"] for flag in call["flags"]} == {"estimated_cost"}


def check_spans(project: Project, call: dict[str, Any]) -> None:
    spans = project.items(f"calls/{call['id']}/spans")
    assert [span["name"] for span in spans if span["facts"]["kind"] == "custom"] == []
    kinds = Counter(span["facts"]["kind"] for span in spans)
    assert kinds["user_turn"] == 4
    assert kinds["agent_turn"] == 5
    assert kinds["tool"] == 2
    unmapped = project.server.get("unmapped").json()["items"]
    assert [item["key"] for item in unmapped if item["framework"] == "livekit"] == []


def test_spans_alone_are_a_call(project: Project) -> None:
    server = project.server
    run_agent(
        "session",
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.http,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-cekura-api-key={project.key}",
        },
    )

    def whole(call: dict[str, Any]) -> None:
        assert call["state"] == "ended"
        assert call["span_count"] > 60

    call = the_call(project, whole)
    check_turns(call)
    check_use(call)
    check_spans(project, call)
    said = [entry["text"].strip() for entry in call["transcript"] if entry["role"] in ("caller", "agent")]
    assert said == SAID


@pytest.fixture
def livekit_keys(project: Project) -> Any:
    keys = {"api_key": API_KEY, "api_secret": SECRET}
    answer = project.server.request("PUT", f"projects/{project.id}/livekit", key=project.key, json=keys)
    assert answer.status_code == 200, answer.text
    yield {
        "LIVEKIT_URL": "ws://127.0.0.1:1",
        "LIVEKIT_API_KEY": API_KEY,
        "LIVEKIT_API_SECRET": SECRET,
    }
    project.server.request("DELETE", f"projects/{project.id}/livekit", key=project.key)


def test_livekits_own_upload_is_the_same_call(project: Project, livekit_keys: dict[str, str]) -> None:
    run_agent("job", livekit_keys | {"LIVEKIT_OBSERVABILITY_URL": project.server.http})

    def whole(call: dict[str, Any]) -> None:
        assert set(call["sources"]) == {"otlp", "session", "recording"}, call["sources"]
        assert call["span_count"] > 60
        assert call["audio"]["state"] == "done"

    call = the_call(project, whole)
    check_turns(call)
    check_use(call)
    check_spans(project, call)
    assert call["end_reason"] == "user_initiated"
    assert call["clock"]["state"] == "known"
    (recording,) = call["recordings"]
    assert (recording["channels"], recording["agent_channel"]) == (2, 1)
    # The transcript is LiveKit's own, on the times of the spans.
    said = [entry for entry in call["transcript"] if entry["role"] in ("caller", "agent")]
    assert [entry["text"].strip() for entry in said] == SAID
    for entry, span in zip(said[1::2], (turn["user"] for turn in call["turns"][1:]), strict=True):
        assert abs(entry["start_s"] - span["start_s"]) < 0.3
    tools = [entry["tool"] for entry in call["transcript"] if entry["role"] == "tool"]
    assert [(tool["name"], tool["is_error"]) for tool in tools] == [
        ("find_table", False),
        ("book_table", True),
    ]
