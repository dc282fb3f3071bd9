"""What an observed call holds, by what arrives at the server."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callscope.testing import FakeServer
from callscope.testing.pipecat import SCRIPT


def seconds(entry: dict[str, Any], member: str) -> float:
    stated = entry[member]
    assert stated.endswith("+00:00")
    return datetime.fromisoformat(stated).timestamp()


def test_a_call_arrives_as_the_wire_has_it(observed: Any) -> None:
    server, whole = observed.server, observed.payload
    assert observed.run.tracer.get_session_metadata()["sent"] is True
    assert whole["agent_id"] == 7
    assert whole["session_id"] == "s-1"
    assert whole["sdk_language"] == "python"
    assert whole["call_ended_reason"] == "pipeline_ended"
    assert whole["provider_data"]["session_id"] == "s-1"
    metadata = whole["provider_data"]["custom_metadata"]
    assert metadata == {"tier": "gold", "kind": "<class 'object'>"}
    assert seconds(whole, "session_start") < seconds(whole, "session_end")
    (posted,) = [post for post in server.posts if post.path.endswith("/observe/")]
    assert posted.headers["x-cekura-api-key"] == server.key
    assert posted.headers["idempotency-key"]

    # Words: both sides, in order, each with its beginning and end.
    entries = whole["transcript"]
    assert [entry["content"] for entry in entries if entry["role"] == "user"] == [e.caller for e in SCRIPT]
    spoken = [
        entry for entry in entries if entry["role"] in ("user", "assistant") and "tool_calls" not in entry
    ]
    times = [(seconds(entry, "started_at"), seconds(entry, "ended_at")) for entry in spoken]
    assert all(start < end for start, end in times)
    assert times == sorted(times)

    # The barge-in: marked, with what would have been said.
    cut = [entry for entry in entries if entry.get("interrupted")]
    assert [entry["generated_text"] for entry in cut] == [SCRIPT[2].agent.strip()]
    assert cut[0]["content"] in SCRIPT[2].agent
    assert len(cut[0]["content"]) < len(SCRIPT[2].agent)

    # Tools: called, answered, timed.
    calls = {c["id"]: c["function"] for entry in entries for c in entry.get("tool_calls", [])}
    assert {name["name"] for name in calls.values()} == {"find_table", "book_table"}
    results = {calls[e["tool_call_id"]]["name"]: e for e in entries if e["role"] == "tool"}
    assert json.loads(results["find_table"]["content"])["table"] == 7
    assert results["find_table"]["is_error"] is False
    assert results["find_table"]["duration_ms"] >= 20
    assert results["book_table"]["is_error"] is True
    assert "locked" in results["book_table"]["error"]

    kinds = {row["kind"] for row in whole["provider_data"]["metrics"]}
    assert {"ttfb", "text_aggregation", "function_call"} <= kinds


def test_spans_arrive_with_tools_and_measurements(observed: Any) -> None:
    server, whole = observed.server, observed.payload
    spans = server.spans_of(whole["trace_id"])
    assert {span.key for span in server.spans} == {server.key}
    assert {span.agent_id for span in server.spans} == {"7"}
    names = [span.name for span in spans]
    assert names.count("conversation") == 1
    assert names.count("turn") == len(SCRIPT)
    (conversation,) = [span for span in spans if span.name == "conversation"]
    assert conversation.attributes["conversation.id"] == "s-1"
    assert conversation.attributes["customer.id"] == "c-42"

    turns = {span.span_id: span for span in spans if span.name == "turn"}
    tools = {
        span.attributes["gen_ai.tool.name"]: span for span in spans if span.name.startswith("execute_tool")
    }
    assert set(tools) == {"find_table", "book_table"}
    for tool in tools.values():
        turn = turns[tool.parent_id]
        assert turn.start_ns <= tool.start_ns <= tool.end_ns <= turn.end_ns
    assert tools["find_table"].end_ns - tools["find_table"].start_ns >= 20_000_000
    assert json.loads(tools["find_table"].attributes["gen_ai.tool.call.arguments"])["guests"] == 4
    assert tools["book_table"].is_error
    assert not tools["find_table"].is_error
    first = min(turns.values(), key=lambda span: span.start_ns)
    assert 0 < first.attributes["turn.user_turn_seconds"] < 5
    assert 0 < first.attributes["turn.time_to_first_audio_seconds"] < 5
    assert any("turn.text_aggregation_seconds" in turn.attributes for turn in turns.values())


def test_audio_has_both_sides_on_one_clock(observed: Any) -> None:
    server, whole = observed.server, observed.payload
    audio = whole["provider_data"]["audio"]
    recording = server.recording_of(whole)
    samples = np.frombuffer(recording.pcm, np.int16).reshape(-1, 2)
    assert audio["sample_rate_hz"] == 24_000
    assert audio["channels"] == 2
    assert audio["channel_roles"] == ["caller", "agent"]
    assert audio["frames"] == len(samples)
    zero = seconds(audio, "sample0_time")

    def sounding(channel: int, entry: dict[str, Any]) -> float:
        """Returns how loud the channel is in the middle half of an entry, of full scale."""
        start, end = seconds(entry, "started_at") - zero, seconds(entry, "ended_at") - zero
        quarter = (end - start) / 4
        middle = samples[int((start + quarter) * 24_000) : int((end - quarter) * 24_000), channel]
        return float(np.sqrt(np.mean((middle / 32768.0) ** 2)))

    # Each said thing sounds on its own channel, and the caller's not on the other. A busy machine may
    # delay the microphone against the voice activity it stands for, hence not every one.
    own, other = [], []
    for entry in whole["transcript"]:
        if entry["role"] == "user":
            own.append(sounding(0, entry))
            other.append(sounding(1, entry))
        elif entry["role"] == "assistant" and "tool_calls" not in entry:
            own.append(sounding(1, entry))
    assert len(own) == 10
    assert sum(level > 0.1 for level in own) >= 8
    assert sum(level < 0.05 for level in other) >= 4


def test_log_lines_are_of_this_call_alone(server: FakeServer, call: Any) -> None:
    import logging

    from loguru import logger

    async def tool(parameters: Any) -> None:
        logger.info("looking for a table")
        logger.debug("not this")
        logging.getLogger("bot.tables").warning("few tables are left")
        await parameters.result_callback("found")

    logger.info("before the call")
    call(script=SCRIPT[1:2], tools={"find_table": tool})
    (payload,) = server.payloads
    told = {line["message"]: line for line in payload["logs"]}
    assert told["looking for a table"]["level"] == "INFO"
    assert told["few tables are left"]["logger"] == "bot.tables"
    assert isinstance(told["looking for a table"]["timestamp"], float)
    assert not {"not this", "before the call"} & set(told)


def test_nothing_stays_on_disk_of_what_has_been_sent(call: Any, spool: Path) -> None:
    call()
    assert list(spool.iterdir()) == []


def test_the_two_steps_do_the_same(server: FakeServer, call: Any) -> None:
    def set_up(tracer: Any, agent: Any) -> Any:
        from pipecat.pipeline.task import PipelineParams

        try:
            from pipecat.pipeline.worker import PipelineWorker as Task
        except ImportError:
            from pipecat.pipeline.task import PipelineTask as Task

        pipeline = tracer.observe_pipeline(agent.pipeline, agent.context, session_id="two")
        task = Task(
            pipeline,
            params=PipelineParams(enable_metrics=True),
            enable_tracing=True,
            enable_turn_tracking=True,
        )
        assert tracer.register_task_handlers(task) is task
        return task

    call(set_up)
    (payload,) = server.payloads
    (conversation,) = [s for s in server.spans_of(payload["trace_id"]) if s.name == "conversation"]
    assert conversation.attributes["conversation.id"] == "two"
    assert payload["audio_s3_key"]


def test_an_agent_that_is_never_registered_is_sent_all_the_same(
    server: FakeServer, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callscope.pipecat import _session

    monkeypatch.setattr(_session, "DISCONNECTED_S", 0.05)

    def set_up(tracer: Any, agent: Any) -> Any:
        import warnings

        from pipecat.pipeline.task import PipelineTask

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return PipelineTask(tracer.observe_pipeline(agent.pipeline, agent.context))

    async def after(_tracer: Any) -> None:
        import asyncio

        await asyncio.sleep(0.2)

    call(set_up, after=after)
    assert len(server.payloads) == 1


def test_spans_go_by_http_where_the_endpoint_says_so(server: FakeServer, call: Any, new_tracer: Any) -> None:
    call(tracer=new_tracer(otel_endpoint=server.url + "/v1/traces"))
    assert "GRPC export" not in server.requests
    assert {"conversation", "turn", "llm", "tts"} <= {span.name for span in server.spans}
