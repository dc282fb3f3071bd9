"""What a call's frames tell, read where they pass: no processor is added, no frame is copied or held.

Handlers of Pipecat's own synchronous events run inline; most frames cost one dictionary look-up.
"""

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipecat.frames import frames as pf
from pipecat.metrics import metrics as pm

from callscope._errors import guarded
from callscope._times import Clock

from ._transcript import Transcript, as_text, failure_of

if TYPE_CHECKING:
    from ._session import Session

Reader = Callable[[Any], None]
CALLER, AGENT = 0, 1
_HANDLER_RAISED = re.compile(r"Error executing function call \[(?P<name>[^\]]*)\]: (?P<error>.*)", re.DOTALL)


class FrameReader:
    """Calls the reader of a frame's class or nearest base; keeps who that is for each class."""

    def __init__(self, doing: str, readers: dict[type, Reader]) -> None:
        self._doing = doing
        self._readers = readers
        self._by_class: dict[type, Reader | None] = {}

    def __call__(self, _processor: Any, frame: Any) -> None:
        kind = type(frame)
        try:
            reader = self._by_class[kind]
        except KeyError:
            reader = next((self._readers[base] for base in kind.__mro__ if base in self._readers), None)
            self._by_class[kind] = reader
        if reader is not None:
            # Fifty times a second: a failure alone pays for the guard.
            try:
                reader(frame)
            except Exception:
                with guarded(self._doing):
                    raise

    def with_all_of(self, other: "FrameReader") -> "FrameReader":
        """Returns one reader for what two would read at the same place."""
        return FrameReader(self._doing, self._readers | other._readers)


class Frames:
    """The readers of one call. Runs on the call's event loop."""

    def __init__(self, session: "Session", transcript: Transcript, clock: Clock) -> None:
        self._session = session
        self._transcript = transcript
        self._clock = clock
        self._first_audio_due: float | None = None
        self._turn_aggregation_told = False
        self.source = FrameReader("reading the first frames", {pf.StartFrame: self._start})
        self.input = FrameReader("recording the caller", {pf.InputAudioRawFrame: self._caller_audio})
        self.user = FrameReader(
            "reading the caller's turns",
            {
                pf.VADUserStartedSpeakingFrame: self._speech_started,
                pf.VADUserStoppedSpeakingFrame: self._speech_stopped,
                pf.UserStartedSpeakingFrame: self._turn_started,
                pf.UserStoppedSpeakingFrame: self._turn_stopped,
            },
        )
        self.model = FrameReader(
            "reading the model's answer",
            {
                pf.LLMFullResponseStartFrame: self._generation_started,
                pf.LLMTextFrame: self._generated,
                pf.FunctionCallInProgressFrame: self._tool_started,
                pf.FunctionCallResultFrame: self._tool_result,
                pf.FunctionCallCancelFrame: self._tool_cancelled,
                pf.ErrorFrame: self._model_error,
            },
        )
        self.sink = FrameReader(
            "reading the last frames",
            {
                pf.OutputAudioRawFrame: self._agent_audio,
                pf.BotStartedSpeakingFrame: self._agent_started,
                pf.BotStoppedSpeakingFrame: self._agent_stopped,
                pf.InterruptionFrame: self._interrupted,
                pf.MetricsFrame: self._metrics,
                pf.EndFrame: self._end,
                pf.CancelFrame: self._end,
                pf.StopFrame: self._end,
            },
        )

    def _start(self, frame: Any) -> None:
        self._first_audio_due = self._clock.now()
        self._session.pipeline_started(frame)

    def _end(self, frame: Any) -> None:
        self._session.pipeline_ending(type(frame).__name__, getattr(frame, "reason", None))

    # Audio: an append each.

    def _caller_audio(self, frame: Any) -> None:
        self._session.audio(CALLER, time.monotonic_ns(), frame.audio, frame.sample_rate, frame.num_channels)

    def _agent_audio(self, frame: Any) -> None:
        arrived = time.monotonic_ns()
        end = (self._clock.wall_ns + arrived) / 1e9
        length = len(frame.audio) / (2 * frame.num_channels * frame.sample_rate)
        begins = self._transcript.played(end - length, end)
        self._session.audio(AGENT, arrived, frame.audio, frame.sample_rate, frame.num_channels, begins)

    # The caller's turns.

    def _speech_started(self, frame: Any) -> None:
        self._transcript.speech_started(frame.timestamp - frame.start_secs)

    def _speech_stopped(self, frame: Any) -> None:
        at = frame.timestamp - frame.stop_secs
        self._transcript.speech_stopped(at)
        self._first_audio_due = at

    def _turn_started(self, _frame: Any) -> None:
        self._turn_aggregation_told = False
        self._transcript.turn_started(self._clock.now())

    def _turn_stopped(self, _frame: Any) -> None:
        if not self._transcript.turn_open:
            return
        self._transcript.turn_stopped()
        if self._transcript.speech_end is not None:
            wait_s = self._clock.now() - self._transcript.speech_end
            if 0 <= wait_s < 60:
                self._session.measured_turn("turn.user_turn_seconds", wait_s)

    # The model and its tools.

    def _generation_started(self, _frame: Any) -> None:
        self._transcript.generation_started(self._clock.now())

    def _generated(self, frame: Any) -> None:
        self._transcript.generated(frame.text)

    def _tool_started(self, frame: Any) -> None:
        now = self._clock.now()
        tool = self._transcript.tool_started(frame.tool_call_id, frame.function_name, frame.arguments, now)
        if tool is not None:
            tool.span = self._session.start_tool_span(tool.name, tool.call_id, tool.arguments)

    def _tool_result(self, frame: Any) -> None:
        properties = getattr(frame, "properties", None)
        if properties is not None and getattr(properties, "is_final", True) is False:
            return
        error = getattr(frame, "error", None) or failure_of(frame.result)
        content = "COMPLETED" if frame.result is None else as_text(frame.result)
        self._tool_ended(frame.tool_call_id, content, error)

    def _tool_cancelled(self, frame: Any) -> None:
        self._tool_ended(frame.tool_call_id, "CANCELLED", None, cancelled=True)

    def _model_error(self, frame: Any) -> None:
        # Older versions tell of a handler that raised by an error alone, without a result.
        found = _HANDLER_RAISED.search(str(frame.error))
        if found is None:
            return
        tool = self._transcript.oldest_running(found["name"])
        if tool is not None and not hasattr(pf.FunctionCallResultFrame, "error"):
            self._tool_ended(tool.call_id, as_text({"error": found["error"]}), found["error"])

    def _tool_ended(self, call_id: str, content: str, error: str | None, *, cancelled: bool = False) -> None:
        now = self._clock.now()
        tool = self._transcript.tool_ended(call_id, content, error, now)
        if tool is None:
            return
        if cancelled:
            tool.result_entry["interrupted"] = True
        self._session.metric("function_call", tool.name, now - tool.started)
        self._session.end_tool_span(tool.span, content, error, cancelled=cancelled)

    # The agent's speech.

    def _agent_started(self, _frame: Any) -> None:
        self._transcript.agent_started()
        if self._first_audio_due is not None:
            wait_s = self._clock.now() - self._first_audio_due
            self._first_audio_due = None
            self._session.measured_turn("turn.time_to_first_audio_seconds", wait_s)

    def _agent_stopped(self, _frame: Any) -> None:
        self._transcript.agent_stopped()

    def _interrupted(self, _frame: Any) -> None:
        self._transcript.interrupted(self._clock.now())

    # What Pipecat measures and puts on no span.

    def _metrics(self, frame: Any) -> None:
        for data in frame.data:
            value = getattr(data, "value", None)
            if isinstance(data, pm.TurnMetricsData):
                self._session.measured_turn("turn.smart_turn.probability", float(data.probability))
                self._session.measured_turn("turn.smart_turn.is_complete", bool(data.is_complete))
                value = data.e2e_processing_time_ms / 1000
                self._session.measured_turn("turn.smart_turn.processing_seconds", value)
            elif isinstance(data, pm.TextAggregationMetricsData):
                # The first sentence of a turn is the one that is waited for.
                if not self._turn_aggregation_told:
                    self._turn_aggregation_told = True
                    self._session.measured_turn("turn.text_aggregation_seconds", data.value)
            elif hasattr(data, "ttfa"):
                value = data.ttfa
                self._session.measured_turn("turn.tts_first_audio_seconds", data.ttfa)
            elif hasattr(data, "ttfat"):
                value = data.ttfat
                self._session.measured_turn("turn.llm_first_answer_seconds", data.ttfat)
            if isinstance(value, (int, float)) and value:
                kind = _snake(type(data).__name__.removesuffix("MetricsData"))
                self._session.metric(kind, data.processor, float(value), data.model)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
