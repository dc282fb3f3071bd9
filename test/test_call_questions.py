"""Questions across calls against the real store: spans of one call, and numbers without withheld calls."""

import time

import pytest
from otlp import GrpcSender, make_call, make_request, new_trace_id
from server import Project, Server, eventually


def send(project: Project, *, marker: str, agent: int | None = None) -> str:
    trace_id = new_trace_id()
    # A policy holds for calls that start after it was set.
    spans = make_call(trace_id, turns=2, marker=marker, start_ns=time.time_ns())
    headers = dict(project.headers)
    if agent is not None:
        headers["x-cekura-agent-id"] = str(agent)
    sender = GrpcSender(project.server)
    assert sender.send(make_request(spans), headers=headers).accepted
    sender.close()
    return trace_id.hex()


def found(project: Project, **parameters: object) -> set[str]:
    return {span["trace_id"] for span in project.items("spans", **parameters)}


@pytest.mark.parametrize("place", ["memory", "lake"])
def test_spans_of_one_trace_or_call(server: Server, place: str) -> None:
    project = server.new_project()
    first, second = (send(project, marker="needle") for _ in range(2))
    calls = {call["trace_ids"][0]: call for call in map(project.wait_for_call, (first, second))}
    if place == "lake":
        server.restart()
    assert found(project, text="needle") == {first, second}
    assert found(project, text="needle", trace_id=second) == {second}
    assert found(project, text="needle", call_id=calls[first]["id"]) == {first}
    assert found(project, trace_id=second, call_id=calls[first]["id"]) == set()
    assert found(project, text="nowhere", trace_id=first) == set()
    assert found(project, trace_id="0" * 31 + "1") == set()
    pages = [project.read("spans", trace_id=first, limit=1)]
    while pages[-1]["next"]:
        pages.append(project.read("spans", trace_id=first, limit=1, cursor=pages[-1]["next"]))
    everything = [span["span_id"] for page in pages for span in page["items"]]
    assert sorted(everything) == sorted(span["span_id"] for span in project.spans_of_trace(first))
    assert project.get("spans", call_id=10**9).status_code == 404


def test_withheld_calls_count_for_nobody(server: Server) -> None:
    project = server.new_project()
    agent = server.create("agents", project_id=project.id, name="asks first")["id"]
    answer = server.request(
        "PATCH", f"agents/{agent}", key=project.key, json={"unclaimed": "drop", "unclaimed_after_s": 3600}
    )
    assert answer.status_code == 200, answer.text

    def count(what: str, **parameters: object) -> int:
        items = project.read(f"stats/{what}", **parameters)["items"]
        return sum(item.get("n", item.get("calls", 0)) for item in items)

    def counts() -> tuple[int, ...]:
        return count("latency", stage="tool"), count("tokens"), count("cost"), count("tools")

    shown = send(project, marker="shown")
    project.wait_for_call(shown)
    eventually(lambda: all(counts()))
    alone = counts()
    withheld = send(project, marker="withheld", agent=agent)
    # Received behind it, so that once this one counts, the other would.
    project.wait_for_call(send(project, marker="shown"))
    eventually(lambda: counts() == tuple(2 * each for each in alone))
    assert found(project, text="withheld") == set()
    log = {"call_id": "claims-it", "agent": agent, "trace_id": withheld}
    claimed = server.request("POST", "/observability/v1/observe/", key=project.key, json=log)
    assert claimed.status_code == 201, claimed.text
    eventually(lambda: counts() == tuple(3 * each for each in alone))
    assert found(project, text="withheld") == {withheld}


def test_latencies_of_calls_without_spans(server: Server) -> None:
    project = server.new_project()
    messages = [
        {"role": role, "message": text, "secondsFromStart": second}
        for role, text, second in [
            ("bot", "Hello", 1),
            ("user", "Hi", 3),
            ("bot", "How are you?", 5),
            ("user", "Well", 7),
            ("bot", "Good", 9),
        ]
    ]
    waits = [{"turnLatency": 1200, "modelLatency": 400}, {"turnLatency": 2000, "modelLatency": 900}]
    report = {
        "type": "end-of-call-report",
        "startedAt": "2026-01-02T03:04:05.000Z",
        "call": {"id": "without-spans", "assistantId": "front-desk"},
        "artifact": {"messages": messages, "performanceMetrics": {"turnLatencies": waits}},
    }
    path = f"/observability/v1/vapi/observe/?project_id={project.id}"
    answer = server.request("POST", path, key=project.key, json={"message": report})
    assert answer.status_code == 201, answer.text

    def latencies(**parameters: str) -> list[tuple[str, int, float, float]]:
        rows = project.items("stats/latency", stage="response", **parameters)
        return [(row["group"], row["n"], row["p50_ms"], row["p99_ms"]) for row in rows]

    eventually(lambda: latencies() == [("", 2, 1200, 2000)])
    assert latencies(group_by="model") == [("", 2, 1200, 2000)]
    assert latencies(source="computed") == []
