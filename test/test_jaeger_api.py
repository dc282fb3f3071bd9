"""The Jaeger query API, as Jaeger UI and Grafana's data source use it."""

from typing import Any

import pytest
from otlp import GrpcSender, make_call, make_request, new_trace_id
from server import Project, Server

SERVICE = "front desk"


@pytest.fixture(scope="module")
def project(server: Server) -> Project:
    return server.new_project()


@pytest.fixture(scope="module")
def trace_id(project: Project) -> str:
    trace = new_trace_id()
    sender = GrpcSender(project.server)
    spans = make_call(trace, turns=2)
    spans[0].events.add(name="greeted", time_unix_nano=spans[0].start_time_unix_nano + 5_000)
    assert sender.send(make_request(spans, service=SERVICE), headers=project.headers).accepted
    sender.close()
    project.wait_for_spans(trace.hex(), len(spans))
    return trace.hex()


def data(project: Project, path: str, **parameters: Any) -> Any:
    answer = project.get(f"/jaeger/api/{path}", **parameters)
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()["data"]


def tags(span: dict[str, Any]) -> dict[str, Any]:
    return {tag["key"]: tag["value"] for tag in span["tags"]}


def test_services_and_operations(project: Project, trace_id: str) -> None:
    assert trace_id
    assert data(project, "services") == [SERVICE]
    names = {"conversation", "turn", "stt", "llm", "tool_call", "tts"}
    assert set(data(project, f"services/{SERVICE}/operations")) == names
    assert {entry["name"] for entry in data(project, "operations", service=SERVICE)} == names


def test_a_trace_by_its_id(project: Project, trace_id: str) -> None:
    (trace,) = data(project, f"traces/{trace_id}")
    assert trace["traceID"] == trace_id
    assert len(trace["spans"]) == 11
    stored = {span["span_id"]: span for span in project.spans_of_trace(trace_id)}
    for span in trace["spans"]:
        ours = stored[span["spanID"]]
        assert span["operationName"] == ours["name"]
        assert span["startTime"] == int(ours["start_time_unix_nano"]) // 1000
        length = int(ours["end_time_unix_nano"]) - int(ours["start_time_unix_nano"])
        assert abs(span["duration"] - length / 1000) <= 1
        parents = [ref["spanID"] for ref in span["references"] if ref["refType"] == "CHILD_OF"]
        assert parents == ([ours["parent_span_id"]] if ours["parent_span_id"] else [])
        assert trace["processes"][span["processID"]]["serviceName"] == SERVICE
    by_name = {span["operationName"]: span for span in trace["spans"]}
    assert tags(by_name["llm"])["gen_ai.request.model"] == "gpt-4.1-mini"
    failed = [span for span in trace["spans"] if tags(span).get("error") is True]
    assert [span["operationName"] for span in failed] == ["tool_call"]
    (log,) = by_name["conversation"]["logs"]
    assert {field["key"]: field["value"] for field in log["fields"]}["event"] == "greeted"


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"service": SERVICE}, True),
        ({"service": SERVICE, "operation": "tts"}, True),
        ({"service": SERVICE, "operation": "no such"}, False),
        ({"service": "no such"}, False),
        ({"service": SERVICE, "tags": '{"stt.provider":"deepgram"}'}, True),
        ({"service": SERVICE, "tags": '{"stt.provider":"other"}'}, False),
        ({"service": SERVICE, "tag": "stt.provider:deepgram"}, True),
        ({"service": SERVICE, "tags": '{"error":"true"}'}, True),
        ({"service": SERVICE, "minDuration": "1s", "maxDuration": "1h"}, True),
        ({"service": SERVICE, "minDuration": "10m"}, False),
        ({"service": SERVICE, "start": 0, "end": 1_000_000}, False),
    ],
)
def test_search(project: Project, trace_id: str, parameters: dict[str, Any], found: bool) -> None:
    traces = data(project, "traces", **parameters)
    assert [trace["traceID"] for trace in traces] == ([trace_id] if found else [])


def test_several_traces_by_id(project: Project, trace_id: str) -> None:
    traces = data(project, "traces", traceID=[trace_id, "f" * 32])
    assert [trace["traceID"] for trace in traces] == [trace_id]


def test_it_cannot_be_written(project: Project) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = project.server.request(method, "/jaeger/api/traces", key=project.key, json={})
        assert answer.status_code in (404, 405)
