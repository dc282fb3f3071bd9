"""The compatible call logs beyond what their own client asks for: changing, listening, and what is not there."""

from typing import Any

import pytest
from otlp import GrpcSender, make_call, make_request, new_trace_id
from server import Project, eventually

LOGS = "/observability/v1/call-logs"


def observe(project: Project, **body: Any) -> Any:
    return project.server.request(
        "POST", "/observability/v1/observe/", key=project.key, json={"assistant_id": "a"} | body
    )


def change(project: Project, id_: int, **body: Any) -> Any:
    return project.server.request("PATCH", f"{LOGS}/{id_}/", key=project.key, json=body)


def test_a_length_alone_counts_from_the_start(project: Project) -> None:
    made = observe(project, call_id="c-1", timestamp="2026-11-20T03:04:05Z")
    assert made.status_code == 201, made.text
    id_ = made.json()["id"]
    changed = change(project, id_, duration=2.5)
    assert changed.status_code == 200, changed.text
    assert changed.json()["duration"] == "02:30"
    call = project.read(f"calls/{id_}")
    assert (call["started_at"], call["duration_s"]) == ("2026-11-20T03:04:05.000000Z", 150)
    assert call["notes"] == []

    # One that said no start began when it was received.
    id_ = observe(project, call_id="c-2").json()["id"]
    before = project.read(f"calls/{id_}")["started_at"]
    assert change(project, id_, duration=1).json()["duration"] == "01:00"
    call = project.read(f"calls/{id_}")
    assert (call["started_at"], call["duration_s"]) == (before, 60)
    for wrong in (-1, "long", [], 1e30):
        refused = change(project, id_, duration=wrong)
        assert (refused.status_code, list(refused.json())) == (400, ["duration"]), refused.text


def test_a_change_gives_no_name(project: Project) -> None:
    trace_id = new_trace_id()
    sender = GrpcSender(project.server)
    assert sender.send(make_request(make_call(trace_id, turns=1)), headers=project.headers).accepted
    sender.close()
    call = project.wait_for_call(trace_id.hex())
    changed = change(project, call["id"], feedback="too slow")
    assert changed.status_code == 200, changed.text
    assert changed.json()["feedback"] == "too slow"
    changed = project.server.request(
        "PATCH", f"calls/{call['id']}", key=project.key, json={"end_reason": "hung up"}
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["call_id"], changed.json()["end_reason"]) == (call["call_id"], "hung up")
    # The name that comes with the call log is the only one that anybody said.
    assert observe(project, call_id="sess-1", trace_id=trace_id.hex()).status_code == 201

    def named() -> bool:
        whole = project.read(f"calls/{call['id']}")
        return whole["call_id"] == "sess-1" and whole["fields"].get("call_id", {}).get("others", []) == []

    eventually(named)


def test_scores_are_not_pretended(project: Project) -> None:
    id_ = observe(project, call_id="c-1").json()["id"]
    for name, value in (("status", "success"), ("reevaluate_metrics", True)):
        refused = change(project, id_, feedback="x", **{name: value})
        assert (refused.status_code, list(refused.json())) == (400, [name]), refused.text
    assert change(project, id_, reevaluate_metrics=False, unknown=1).status_code == 200
    assert project.server.request("GET", f"{LOGS}/{id_}/", key=project.key).json()["feedback"] == ""


NOT_HERE = [
    ("POST", "evaluate_metrics"),
    ("POST", "rerun_evaluation"),
    ("POST", "{id}/mark_metric_vote"),
    ("POST", "{id}/mark_critical_scenario_wrong"),
    ("POST", "{id}/unmark_critical_scenario_wrong"),
    ("GET", "analyze_call_logs"),
    ("POST", "create_scenarios"),
    ("GET", "create_scenarios_progress"),
    ("GET", "export_call_logs"),
    ("GET", "export_call_logs_progress"),
    ("POST", "get-upload-url"),
    ("POST", "complete-upload"),
]


@pytest.mark.parametrize("prefix", ["v1/call-logs", "v1/call-logs-external", "v2/call-logs"])
def test_what_is_not_there_says_so(project: Project, prefix: str) -> None:
    id_ = observe(project, call_id="c-1").json()["id"]
    for method, path in NOT_HERE:
        for slash in ("", "/"):
            url = f"/observability/{prefix}/{path.format(id=id_)}{slash}"
            answer = project.server.request(method, url, key=project.key, json={"call_logs": [id_]})
            assert answer.status_code == 404, f"{url}: {answer.status_code} {answer.text}"
            assert list(answer.json()) == ["detail"]
            assert len(answer.json()["detail"]) > 40, answer.text
            assert project.server.request(method, url, key="wrong").status_code == 401


def test_redaction_is_refused(project: Project) -> None:
    for fields in (["person_name"], "person_name", {"a": 1}, [1]):
        refused = observe(project, call_id="c-1", redact_fields=fields)
        assert (refused.status_code, list(refused.json())) == (400, ["redact_fields"]), refused.text
    form = {"assistant_id": "a", "call_id": "c-1", "redact_fields": '["person_name"]'}
    refused = project.server.request("POST", "/observability/v1/observe/", key=project.key, data=form)
    assert (refused.status_code, list(refused.json())) == (400, ["redact_fields"]), refused.text
    assert project.items("calls") == []
    for nothing in ([], None, ""):
        assert observe(project, call_id="c-1", redact_fields=nothing).status_code == 201


def test_the_recording_is_played_without_a_key(project: Project) -> None:
    id_ = observe(project, call_id="c-1").json()["id"]
    assert (
        project.server.request("GET", f"{LOGS}/{id_}/", key=project.key).json()["voice_recording_url"] is None
    )
    sent = project.server.request(
        "POST", f"calls/{id_}/recordings?sample_rate=8000", key=project.key, data=b"\x00\x01" * 800
    )
    assert sent.status_code == 201, sent.text
    detail = project.server.request("GET", f"{LOGS}/{id_}/", key=project.key).json()
    url = detail["voice_recording_url"]
    assert url.startswith(project.server.http)
    played = project.server.request("GET", url.removeprefix(project.server.http))
    assert played.status_code == 200
    assert played.content.endswith(b"\x00\x01" * 800)
