"""Calls whose words come as log lines beside the spans: what OpenTelemetry's own instrumentation sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from server import Server, eventually

LINES = Path(__file__).parent / "cases" / "lines"


def summary(call: dict[str, Any]) -> dict[str, Any]:
    return {
        "turns": [(turn["user"]["text"], turn["agent"]["text"]) for turn in call["turns"]],
        "tools": [(tool["name"], tool["arguments"], tool["result"]) for tool in call["tools"]],
        "tokens": (call["totals"]["input_tokens"], call["totals"]["output_tokens"]),
    }


@pytest.mark.parametrize("first", ["traces", "logs"])
@pytest.mark.parametrize("version", ["2.1b0", "2.4b0"])
def test_words_in_log_lines(server: Server, version: str, first: str) -> None:
    project = server.new_project()
    captured = json.loads((LINES / f"otel-openai-v2-{version}.json").read_text())
    bodies = {
        "traces": {"resourceSpans": captured["resourceSpans"]},
        "logs": {"resourceLogs": captured["resourceLogs"]},
    }
    for signal in [first, *(bodies.keys() - {first})]:
        for _ in range(2):  # the second is a retry
            answer = server.request("POST", f"/v1/{signal}", key=project.key, json=bodies[signal])
            assert answer.status_code == 200, answer.text
            assert not answer.json().get("partialSuccess"), answer.text
    call = project.wait_for_call(captured["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"])

    def understood() -> dict[str, Any]:
        found = summary(project.read(f"calls/{call['id']}"))
        assert found == {
            "turns": [
                ("Weather in Oslo?", "It is 4 degrees in Oslo."),
                ("Thank you.", "You are welcome."),
            ],
            "tools": [("get_weather", '{"city":"Oslo"}', '{"temp_c":4}')],
            "tokens": (150, 27),
        }
        return found

    eventually(understood)
    # The list counts by them too, once the call is saved.
    eventually(
        lambda: [(each["turn_count"], each["tool_count"]) for each in project.items("calls")] == [(2, 1)]
    )
