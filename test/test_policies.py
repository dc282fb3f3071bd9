"""What a project and its agents are set to keep."""

from collections.abc import Callable
from typing import Any

from otlp import GrpcSender, LogRequest, make_call, make_request, new_trace_id
from server import Project, Server, eventually


def agent_of(project: Project, service: str) -> dict[str, Any]:
    agents = project.items("agents")
    return next(agent for agent in agents if agent.get("service_name") == service)


def change(project: Project, agent: dict[str, Any], **what: Any) -> None:
    answer = project.server.request("PATCH", f"agents/{agent['id']}", key=project.key, json=what)
    assert answer.status_code == 200, answer.text


def send(project: Project, service: str) -> str:
    trace_id = new_trace_id()
    sender = GrpcSender(project.server)
    logs = LogRequest()
    resource = logs.resource_logs.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    record = resource.scope_logs.add().log_records.add()
    record.trace_id, record.body.string_value = trace_id, "a line"
    assert sender.send(logs, headers=project.headers).accepted
    request = make_request(make_call(trace_id, turns=1), service=service)
    assert sender.send(request, headers=project.headers).accepted
    sender.close()
    return trace_id.hex()


def test_of_an_agent_that_is_not_traced_nothing_is_kept(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    before = send(project, "quiet")
    project.wait_for_call(before)
    quiet = agent_of(project, "quiet")
    change(project, quiet, tracing="off")

    def is_off() -> bool:
        dropped = send(project, "quiet")
        # Sent behind it, indexed behind it.
        kept = send(project, "loud")
        project.wait_for_call(kept)
        return not project.spans_of_trace(dropped)

    eventually(is_off)
    assert project.spans_of_trace(before), "what was kept before stays"
    server.kill9()
    server.start()
    assert project.spans_of_trace(before), "and is replayed"

    change(project, quiet, tracing="on")
    eventually(lambda: project.spans_of_trace(send(project, "quiet")))


def test_what_is_set_outlives_the_server(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    project.wait_for_call(send(project, "clerk"))
    change(project, agent_of(project, "clerk"), retention_days=30, provider="livekit")
    answer = server.request("PATCH", f"projects/{project.id}", key=project.key, json={"retention_days": 90})
    assert answer.json()["retention_days"] == 90
    server.restart()
    agent = agent_of(project, "clerk")
    assert (agent["retention_days"], agent["provider"], agent["tracing"]) == (30, "livekit", "on")
    assert project.items("projects")[0]["retention_days"] == 90
