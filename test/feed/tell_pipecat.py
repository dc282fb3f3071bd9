"""Spans of a story as Pipecat shapes them, over gRPC."""

import json
import uuid
from typing import Any

from opentelemetry.trace import Span
from server import Project
from story import Story, Turn
from tracing import Tracing, grpc_exporter, trace_id

MODEL = "gpt-4.1-mini"


class PipecatCall:
    """A conversation that is told turn by turn."""

    def __init__(
        self, project: Project, story: Story, start_ns: int, name: str = "", model: str = MODEL
    ) -> None:
        self.conversation_id = name or f"conv-{uuid.uuid4().hex[:12]}"
        self._story = story
        self._model = model
        self._tracing = Tracing(grpc_exporter(project), story.dialogue.agent, "pipecat", start_ns)
        values = {
            "conversation.id": self.conversation_id,
            "conversation.type": "voice",
            "call.direction": "inbound",
            **{f"metadata.{key}": value for key, value in story.dialogue.metadata.items()},
            **story.dialogue.metadata,
        }
        self._root = self._tracing.open("conversation", 0, values)
        self._messages: list[dict[str, Any]] = [
            {"role": "system", "content": story.dialogue.system},
            {"role": "assistant", "content": story.dialogue.greeting},
        ]
        self.trace_id = trace_id(self._root)
        self._greet()

    def _greet(self) -> None:
        greeting = self._story.greeting
        turn = self._tracing.open("turn", 0.2, self._turn_values(0), self._root)
        self._tts(turn, greeting.text, (greeting.start - 0.25, greeting.end - 0.5), 0.2)
        turn.end(self._tracing.at(greeting.end))

    def _turn_values(self, number: int) -> dict[str, Any]:
        return {
            "turn.number": number + 1,
            "turn.type": "conversation",
            "conversation.id": self.conversation_id,
        }

    def tell(self, number: int, turn: Turn) -> None:
        """Sends one turn, the first being 1."""
        span = self._tracing.open("turn", turn.caller.start, self._turn_values(number), self._root)
        self._tracing.span(
            "stt",
            (turn.caller.start, turn.transcribed),
            {
                "gen_ai.provider.name": "deepgram",
                "gen_ai.request.model": "nova-3",
                "gen_ai.operation.name": "stt",
                "transcript": turn.caller.text,
                "is_final": True,
                "language": "en",
                "metrics.ttfb": turn.exchange.stt_ms / 1000,
            },
            span,
        )
        self._messages.append({"role": "user", "content": turn.caller.text})
        if turn.asking is not None:
            self._ask(number, turn, span)
        self._llm(span, turn.llm, turn.first_token - turn.llm[0], turn.agent.text)
        self._tts(span, turn.agent.text, turn.tts, turn.exchange.tts_ms / 1000)
        self._messages.append({"role": "assistant", "content": turn.agent.heard})
        span.set_attributes(
            {
                "turn.user_bot_latency_seconds": turn.first_byte - turn.caller.end,
                "turn.duration_seconds": turn.agent.heard_until - turn.caller.start,
                "turn.was_interrupted": turn.exchange.cut_short,
            }
        )
        span.end(self._tracing.at(turn.agent.heard_until))
        self._tracing.flush()

    def _ask(self, number: int, turn: Turn, parent: Span) -> None:
        """The request that asks for the tool; the tool itself shows only in the next request's messages."""
        tool = turn.exchange.tool
        assert tool is not None
        assert turn.asking is not None
        self._llm(parent, turn.asking, 0.3, "")
        call_id = f"call_{number}"
        function = {"name": tool.name, "arguments": json.dumps(tool.arguments)}
        call = {"id": call_id, "type": "function", "function": function}
        self._messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        result = {"error": tool.error} if tool.error else tool.result
        self._messages.append({"role": "tool", "tool_call_id": call_id, "content": json.dumps(result)})

    def _llm(self, parent: Span, times: tuple[float, float], ttfb: float, output: str) -> None:
        self._tracing.span(
            "llm",
            times,
            {
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": self._model,
                "gen_ai.operation.name": "chat",
                "gen_ai.output.type": "text",
                "gen_ai.request.temperature": 0.3,
                "stream": True,
                "input": json.dumps(self._messages),
                "output": output,
                "gen_ai.usage.input_tokens": len(json.dumps(self._messages)) // 4,
                "gen_ai.usage.output_tokens": max(8, len(output) // 4),
                "gen_ai.usage.cache_read.input_tokens": 64,
                "metrics.ttfb": ttfb,
            },
            parent,
        )

    def _tts(self, parent: Span, text: str, times: tuple[float, float], ttfb: float) -> None:
        self._tracing.span(
            "tts",
            times,
            {
                "gen_ai.provider.name": "cartesia",
                "gen_ai.request.model": "sonic-2",
                "gen_ai.operation.name": "tts",
                "voice_id": "amy",
                "text": text,
                "metrics.character_count": len(text),
                "metrics.ttfb": ttfb,
            },
            parent,
        )

    def end(self, at: float) -> None:
        self._root.end(self._tracing.at(at))
        self._tracing.flush()
        self._tracing.close()


def tell(project: Project, story: Story, start_ns: int, **options: str) -> str:
    """Sends a whole call; returns its trace id."""
    call = PipecatCall(project, story, start_ns, **options)
    for number, turn in enumerate(story.turns, 1):
        call.tell(number, turn)
    call.end(story.end)
    return call.trace_id
