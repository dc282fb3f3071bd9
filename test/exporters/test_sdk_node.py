"""The OpenTelemetry SDK for Node, unchanged, over HTTP with JSON bodies."""

import os
import subprocess
from pathlib import Path

from server import Project

FOLDER = Path(__file__).resolve().parent.parent / "node"


def test_a_call_arrives_whole(project: Project) -> None:
    done = subprocess.run(
        ["node", "send.mjs"],
        cwd=FOLDER,
        env=os.environ
        | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": project.server.http,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-cekura-api-key={project.key}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    trace_id = done.stdout.strip()

    spans = {span["name"]: span for span in project.wait_for_spans(trace_id, 3)}
    assert set(spans) == {"conversation", "llm", "tool_call"}
    llm = spans["llm"]
    assert llm["parent_span_id"] == spans["conversation"]["span_id"]
    assert llm["resource"]["service.name"] == "node-agent"
    assert llm["scope"]["version"] == "2.0"
    assert llm["attributes"]["greeting"] == "Grüß Gott ☎"
    assert llm["attributes"]["cached"] is True
    assert llm["attributes"]["sampling.temperature"] == 0.5
    assert llm["attributes"]["stop.sequences"] == ["\n", "END"]
    assert llm["attributes"]["gen_ai.usage.input_tokens"] == 111
    assert llm["events"][0]["name"] == "first token"
    assert spans["tool_call"]["status"]["code"] in ("ERROR", 2)

    call = project.wait_for_call(trace_id)
    assert call["totals"]["input_tokens"] == 111
    assert [tool["name"] for tool in call["tools"]] == ["transfer"]
