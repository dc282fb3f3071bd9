"""Spans of a story as livekit-agents shapes them, over OTLP/HTTP."""

import json
from typing import Any

from opentelemetry.trace import Span
from server import Project
from story import Story, Turn
from tracing import Tracing, http_exporter, trace_id

MODEL = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini"}
VOICE = {"gen_ai.provider.name": "Cartesia", "gen_ai.request.model": "sonic-3"}
# What an agent that trims its context keeps of the conversation.
CONTEXT_ITEMS = 40
EAR = {"gen_ai.provider.name": "Deepgram", "gen_ai.request.model": "nova-3"}


def tell(project: Project, story: Story, start_ns: int, room: str = "RM_lakeside") -> str:
    """Sends a whole call; returns its trace id."""
    tracing = Tracing(http_exporter(project), story.dialogue.agent, "livekit-agents", start_ns)
    root = tracing.open(
        "agent_session",
        0,
        {
            "lk.agent_label": story.dialogue.agent,
            "lk.room_sid": room,
            "gen_ai.operation.name": "invoke_workflow",
            **{f"metadata.{key}": value for key, value in story.dialogue.metadata.items()},
        },
    )
    teller = Teller(tracing, root, story)
    teller.greet()
    for number, turn in enumerate(story.turns, 1):
        teller.tell(number, turn)
    root.end(tracing.at(story.end))
    tracing.flush()
    tracing.close()
    return trace_id(root)


class Teller:
    def __init__(self, tracing: Tracing, root: Span, story: Story) -> None:
        self._tracing = tracing
        self._root = root
        self._items: list[dict[str, Any]] = [{"role": "system", "content": [story.dialogue.system]}]
        self._story = story

    def greet(self) -> None:
        said = self._story.greeting
        turn = self._agent_turn(said.start - 0.35, said.text)
        self._speak(turn, (said.start - 0.3, said.end - 0.5), 0.22, said.text)
        self._tracing.span("agent_speaking", (said.start, said.end), {}, turn)
        turn.end(self._tracing.at(said.end))

    def tell(self, number: int, turn: Turn) -> None:
        self._hear(turn)
        self._items.append({"role": "user", "content": [turn.caller.text]})
        begins = turn.asking[0] if turn.asking is not None else turn.llm[0]
        answer = self._agent_turn(begins, turn.agent.heard)
        answer.set_attribute("lk.interrupted", turn.exchange.cut_short)
        answer.set_attribute("lk.e2e_latency", turn.first_byte - turn.caller.end)
        if turn.asking is not None:
            self._llm(answer, turn.asking, 0.3)
            self._use_tool(number, turn, answer)
        self._llm(answer, turn.llm, turn.first_token - turn.llm[0])
        self._speak(answer, turn.tts, turn.exchange.tts_ms / 1000, turn.agent.text)
        self._tracing.span("agent_speaking", (turn.agent.start, turn.agent.heard_until), {}, answer)
        answer.end(self._tracing.at(turn.agent.heard_until))
        self._items.append({"role": "assistant", "content": [turn.agent.heard]})

    def _hear(self, turn: Turn) -> None:
        heard = self._tracing.open(
            "user_turn",
            turn.caller.start,
            {
                **EAR,
                "lk.pii.user_transcript": turn.caller.text,
                "lk.transcript_confidence": turn.exchange.confidence,
                "lk.transcription_delay": turn.exchange.stt_ms / 1000,
                "lk.end_of_turn_delay": turn.exchange.endpointing_ms / 1000,
            },
            self._root,
        )
        self._tracing.span("user_speaking", (turn.caller.start, turn.caller.end), {}, heard)
        self._tracing.span(
            "eou_wait",
            (turn.caller.end, turn.decided),
            {"lk.eou.endpointing_delay": turn.exchange.endpointing_ms / 1000, "lk.eou.outcome": "committed"},
            heard,
        )
        heard.end(self._tracing.at(turn.decided))

    def _agent_turn(self, start: float, text: str) -> Span:
        values = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": self._story.dialogue.agent,
            "lk.pii.response.text": text,
            "lk.interrupted": False,
        }
        return self._tracing.open("agent_turn", start, values, self._root)

    def _llm(self, parent: Span, times: tuple[float, float], ttft: float) -> None:
        items = self._items[:1] + self._items[1:][-CONTEXT_ITEMS:]
        context = json.dumps({"items": items})
        node = self._tracing.open(
            "llm_node",
            times[0],
            {**MODEL, "lk.pii.chat_ctx": context, "lk.response.ttft": ttft},
            parent,
        )
        messages = [
            {"role": item["role"], "parts": [{"type": "text", "content": item["content"][0]}]}
            for item in items
        ]
        self._tracing.span(
            "llm_request",
            (times[0] + 0.002, times[1] - 0.002),
            {
                **MODEL,
                "gen_ai.operation.name": "chat",
                "gen_ai.request.stream": True,
                "gen_ai.input.messages": json.dumps(messages),
                "gen_ai.usage.input_tokens": len(context) // 4,
                "gen_ai.usage.output_tokens": 24,
                "gen_ai.usage.cache_read.input_tokens": 128,
                "gen_ai.response.time_to_first_chunk": ttft,
            },
            node,
        )
        node.end(self._tracing.at(times[1]))

    def _use_tool(self, number: int, turn: Turn, parent: Span) -> None:
        tool = turn.exchange.tool
        assert tool is not None
        assert turn.tool is not None
        output = tool.error or json.dumps(tool.result)
        self._tracing.span(
            "function_tool",
            turn.tool,
            {
                "gen_ai.operation.name": "execute_tool",
                "lk.function_tool.id": f"call_{number}",
                "lk.function_tool.name": tool.name,
                "gen_ai.tool.name": tool.name,
                "gen_ai.tool.call.id": f"call_{number}",
                "lk.pii.function_tool.arguments": json.dumps(tool.arguments),
                "lk.pii.function_tool.output": output,
                "lk.function_tool.is_error": bool(tool.error),
            },
            parent,
            error=tool.error,
        )

    def _speak(self, parent: Span, times: tuple[float, float], ttfb: float, text: str) -> None:
        node = self._tracing.open("tts_node", times[0], {**VOICE, "lk.response.ttfb": ttfb}, parent)
        self._tracing.span(
            "tts_request", (times[0] + 0.003, times[1] - 0.003), {**VOICE, "lk.pii.input_text": text}, node
        )
        node.end(self._tracing.at(times[1]))
