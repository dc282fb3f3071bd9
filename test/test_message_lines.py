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
    # So does the conversation of each request.
    asked = [
        span
        for span in project.items(f"calls/{call['id']}/spans", attributes="false")
        if span["facts"]["kind"] == "llm"
    ]
    messages = project.read(f"traces/{asked[1]['trace_id']}/spans/{asked[1]['span_id']}/messages")
    assert [(m["role"], m["content"]) for m in messages["input"][:2]] == [
        ("system", "Be brief."),
        ("user", "Weather in Oslo?"),
    ]
    (use,) = [use for message in messages["input"] for use in message["tool_calls"]]
    assert (use["name"], json.loads(use["arguments"])) == ("get_weather", {"city": "Oslo"})
    (result,) = [message for message in messages["input"] if message.get("tool_call_id") == use["id"]]
    assert json.loads(result["content"]) == {"temp_c": 4}
    assert [m["content"] for m in messages["output"]] == ["It is 4 degrees in Oslo."]
    # The list counts by them too, once the call is saved.
    eventually(
        lambda: [(each["turn_count"], each["tool_count"]) for each in project.items("calls")] == [(2, 1)]
    )
