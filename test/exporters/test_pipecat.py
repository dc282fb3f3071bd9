"""A real Pipecat pipeline with its own tracing; pipecat_agent.py scripts its caller and services."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from server import Project

AGENT = Path(__file__).with_name("pipecat_agent.py")


def run_agent(project: Project) -> str:
    """Runs the agent's call to its end and returns its conversation id."""
    done = subprocess.run(
        [sys.executable, str(AGENT)],
        env=os.environ
        | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{project.server.grpc}",
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-cekura-api-key={project.key}",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)["conversation_id"]


@pytest.fixture
def call(project: Project) -> dict[str, Any]:
    conversation = run_agent(project)
    (found,) = project.items("calls")
    (trace_id,) = found["trace_ids"]
    project.wait_for_spans(trace_id, 19)
    answer = project.read(f"calls/{found['id']}")
    assert conversation in json.dumps(answer)
    return answer


def test_the_call_is_understood(project: Project, call: dict[str, Any]) -> None:
    spans = project.read(f"calls/{call['id']}/spans")["items"]
    kinds = [span["facts"]["kind"] for span in spans]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "call": 1,
        "turn": 4,
        "stt": 4,
        "llm": 6,
        "tts": 4,
    }
    assert all(span["facts"]["framework"] == "pipecat" for span in spans)

    # Turns: four, in order, with both sides' words; the caller broke into the third.
    turns = call["turns"]
    assert [turn["user"]["text"] for turn in turns] == [
        "I would like a table for four.",
        "Tomorrow at eight.",
        "Yes, book it please.",
        "Never mind, thank you.",
    ]
    assert "For which day?" in turns[0]["agent"]["text"]
    # Pipecat calls the last turn interrupted as well, because the call ended in it.
    assert [turn.get("interrupted_by") for turn in turns] == [None, None, "user", "call_end"]
    assert call["interruption_count"] == 1
    assert all(turn["latency"].get("reported_ms", 0) > 0 for turn in turns)

    # Tools have no span in Pipecat: they are rebuilt from the model's messages.
    tools = {tool["name"]: tool for tool in call["tools"]}
    assert set(tools) == {"find_table", "book_table"}
    assert json.loads(tools["find_table"]["arguments"]) == {"day": "tomorrow", "hour": 20, "guests": 4}
    assert json.loads(tools["find_table"]["result"])["table"] == 7
    assert tools["find_table"]["synthetic"] is True
    assert tools["find_table"]["is_error"] is False
    assert "locked" in tools["book_table"]["result"]

    used = {row["group"]: (row["n"], "p50_ms" in row) for row in project.items("stats/tools")}
    assert used == {"find_table": (1, False), "book_table": (1, False)}

    # Each request to a provider is counted once.
    totals = call["totals"]
    assert totals["output_tokens"] == 6 * 12
    assert totals["cache_read_tokens"] == 6 * 128
    assert totals["characters"] > 100
    assert totals["cost_usd"] > 0
    assert call["metadata"]["restaurant"] == "harbour"


def test_latency_is_told_by_model(project: Project, call: dict[str, Any]) -> None:
    assert call["turns"]
    rows = project.items("stats/latency", stage="llm", group_by="model")
    assert sum(row["n"] for row in rows) == 6
    assert any("gpt-4.1-mini" in row["group"] for row in rows)
