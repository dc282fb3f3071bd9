"""init() and call(): agents without Pipecat."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace

import callscope
from callscope.testing import FakeServer


@pytest.fixture
def environment(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSCOPE_API_KEY", server.key)
    monkeypatch.setenv("CALLSCOPE_AGENT_ID", "4")
    monkeypatch.setenv("CALLSCOPE_URL", server.url)


@pytest.mark.usefixtures("environment")
def test_a_call_is_one_log_and_one_trace(server: FakeServer) -> None:
    tracer = trace.get_tracer("the.app")
    with callscope.call("by-hand", metadata={"tier": "gold"}) as call:
        with call.turn():
            call.user("I would like a table.")
            with tracer.start_as_current_span("llm"):
                pass
            with call.tool("find_table", {"guests": 4}) as tool:
                tool.result = {"table": 7}
            call.agent("Table seven is free.")
        with pytest.raises(KeyError), call.tool("book_table", {}):
            raise KeyError("locked")
    assert call.wait_sent()
    (log,) = server.payloads
    assert server.posts[0].path == "/observability/v1/observe/"
    assert log["agent"] == 4
    assert log["call_id"] == "by-hand"
    assert log["metadata"] == {"tier": "gold"}
    assert [entry["role"] for entry in log["transcript_json"]] == [
        "Testing Agent",
        "Function Call",
        "Function Call Result",
        "Main Agent",
        "Function Call",
        "Function Call Result",
    ]
    assert log["transcript_json"][2]["data"]["result"] == {"table": 7}
    assert "locked" in log["transcript_json"][5]["data"]["error"]
    times = [entry["start_time"] for entry in log["transcript_json"]]
    assert times == sorted(times)
    spans = {span.name: span for span in server.spans_of(log["trace_id"])}
    assert set(spans) == {"conversation", "turn", "llm", "execute_tool find_table", "execute_tool book_table"}
    assert spans["llm"].parent_id == spans["turn"].span_id
    assert spans["turn"].parent_id == spans["conversation"].span_id
    assert spans["conversation"].parent_id == ""


@pytest.mark.usefixtures("environment")
def test_calls_at_once_keep_apart(server: FakeServer) -> None:
    async def one(number: int) -> None:
        async with callscope.call(f"s-{number}", agent_id=number) as call:
            call.user(f"I am {number}")
            await asyncio.sleep(0.01)
            with trace.get_tracer("the.app").start_as_current_span(f"work {number}"):
                await asyncio.sleep(0.01)
        assert await asyncio.to_thread(call.wait_sent)

    async def both() -> None:
        await asyncio.gather(*(one(number) for number in range(5)))

    asyncio.run(both())
    logs = {log["call_id"]: log for log in server.payloads}
    for number in range(5):
        log = logs[f"s-{number}"]
        assert log["agent"] == number
        names = {span.name for span in server.spans_of(log["trace_id"])}
        assert names == {"conversation", f"work {number}"}


@pytest.mark.usefixtures("environment")
def test_an_exception_ends_the_call_and_goes_on(server: FakeServer) -> None:
    call = callscope.call("broken")

    def talk() -> None:
        with call:
            call.agent("One moment.")
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        talk()
    assert call.wait_sent()
    assert "ZeroDivisionError" in server.payloads[0]["call_ended_reason"]
    with pytest.raises(callscope.SessionEndedError):
        call.user("Hello?")


@pytest.mark.usefixtures("environment")
def test_an_aborted_call_is_not_sent(server: FakeServer) -> None:
    with callscope.call("private") as call:
        call.user("Do not keep this.")
        call.abort()
    assert call.wait_sent()
    assert server.payloads == []
    assert server.spans == []


def test_without_settings_the_block_runs(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setenv("CALLSCOPE_STRICT", "false")
    with callscope.call() as call, call.tool("t", {}):
        call.user("Hello")
    assert call.wait_sent()
    assert "CALLSCOPE_API_KEY" in caplog.text


INIT = """
import json, sys
sys.path.insert(0, sys.argv[1])
import callscope
from opentelemetry import trace
assert callscope.init(service_name="my-agent")
with trace.get_tracer("the.app").start_as_current_span("conversation") as span:
    with trace.get_tracer("the.app").start_as_current_span("llm"):
        pass
with callscope.call("c") as call:
    call.user("hello")
call.wait_sent()
trace.get_tracer_provider().force_flush()
print(json.dumps(f"{span.get_span_context().trace_id:032x}"))
"""


@pytest.mark.parametrize("how", ["http", "grpc"])
@pytest.mark.usefixtures("environment")
def test_init_exports_the_spans_of_the_process(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "grpc":
        monkeypatch.setenv("CALLSCOPE_OTLP_ENDPOINT", server.otlp)
    source = str(Path(__file__).resolve().parents[1] / "src")
    done = subprocess.run(
        [sys.executable, "-c", INIT, source], capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {span.name for span in server.spans_of(json.loads(done.stdout))} == {"conversation", "llm"}
    assert {(span.key, span.agent_id) for span in server.spans} == {(server.key, "4")}
    # The call's own spans came once.
    assert len(server.spans) == 3
