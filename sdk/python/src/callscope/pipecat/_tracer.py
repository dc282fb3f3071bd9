"""PipecatTracer: the two lines an agent adds."""

import os
import sys
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.aggregators.llm_context import LLMContext

from callscope import _logs, _spans
from callscope._config import Limits, Target, enabled_by_environment, make_target, spool_folder
from callscope._errors import (
    ConfigurationError,
    SessionEndedError,
    SharedTracerError,
    guarded,
    logger,
    strict,
)
from callscope._times import sanitize

from . import _pipeline
from ._session import CALLBACK_S, OBSERVE, TRACK, Options, ReadyCallback, Session, new_session_id

if TYPE_CHECKING:
    from pipecat.pipeline.task import PipelineTask
    from pipecat.runner.types import RunnerArguments
    from pipecat.transports.base_transport import BaseTransport

TaskType = TypeVar("TaskType")


class PipecatTracer:
    """Records one call of a Pipecat pipeline. Make one for each call, inside the bot function.

    Args:
        api_key: The key of the agent's project; else CALLSCOPE_API_KEY.
        agent_id: The agent's number in Callscope; else CALLSCOPE_AGENT_ID.
        host: The server's URL; else CALLSCOPE_URL; else http://127.0.0.1:4318.
        enabled: False switches everything off; None asks CALLSCOPE_TRACER_ENABLED and CEKURA_TRACER_ENABLED.
        otel_endpoint: Where spans go, by gRPC, or by HTTP where it ends in /v1/traces; else
            CALLSCOPE_OTLP_ENDPOINT; else the server's URL, if that was named; else http://127.0.0.1:4317.
        enable_otel_traces: False leaves out the spans alone.
        capture_logs: False leaves out the log lines.
    """

    def __init__(
        self,
        api_key: str | None = None,
        agent_id: int | None = None,
        host: str | None = None,
        enabled: bool | None = None,
        otel_endpoint: str | None = None,
        enable_otel_traces: bool = True,
        capture_logs: bool = True,
    ) -> None:
        self.enabled = enabled_by_environment() if enabled is None else enabled
        self._target: Target | None = None
        self._session: Session | None = None
        self._enable_otel_traces = enable_otel_traces
        self._capture_logs = capture_logs
        self._custom_metadata: dict[str, Any] = {}
        self._auto_post = True
        self._ready: ReadyCallback | None = None
        self._limits = Limits()
        self._spool: Path | None = None
        if self.enabled:
            try:
                self._target = make_target(api_key, agent_id, host, otel_endpoint)
            except ConfigurationError as error:
                if strict():
                    raise
                self.enabled = False
                logger.error("Callscope is switched off: %s", error)
            self._spool = spool_folder()
        self.api_key = self._target.api_key if self._target else api_key
        self.agent_id = self._target.agent_id if self._target else agent_id
        self.host = self._target.host if self._target else host

    # Setting up.

    def observe_pipeline(
        self,
        pipeline: Pipeline,
        context: LLMContext,
        runner_args: "RunnerArguments | None" = None,
        session_id: str | None = None,
        custom_metadata: dict[str, Any] | None = None,
        defer_upload: bool = False,
        defer_evaluation: bool = False,
    ) -> Pipeline:
        """Records the pipeline's call, audio included. Pass the task to register_task_handlers() afterwards.

        With `defer_upload` nothing leaves the process before start_audio_upload(), and if that never
        comes, everything is deleted.
        """
        self._prepare(
            OBSERVE,
            pipeline,
            context,
            runner_args,
            session_id,
            custom_metadata,
            defer_upload,
            defer_evaluation,
        )
        return pipeline

    def track_pipeline(
        self,
        pipeline: Pipeline,
        context: LLMContext,
        runner_args: "RunnerArguments | None" = None,
        session_id: str | None = None,
        custom_metadata: dict[str, Any] | None = None,
    ) -> Pipeline:
        """Records the pipeline's call for a simulation: no audio. register_task_handlers() comes next."""
        self._prepare(TRACK, pipeline, context, runner_args, session_id, custom_metadata, False, False)
        return pipeline

    def observe_and_create_task(
        self,
        pipeline: Pipeline,
        context: LLMContext,
        runner_args: "RunnerArguments | None" = None,
        transport: "BaseTransport | None" = None,
        session_id: str | None = None,
        custom_metadata: dict[str, Any] | None = None,
        defer_upload: bool = False,
        defer_evaluation: bool = False,
        **pipeline_task_kwargs: Any,
    ) -> "PipelineTask":
        """Does all in one: observe_pipeline(), a PipelineTask with tracing, register_task_handlers()."""
        self.observe_pipeline(
            pipeline, context, runner_args, session_id, custom_metadata, defer_upload, defer_evaluation
        )
        return self.register_task_handlers(self._new_task(pipeline, pipeline_task_kwargs), transport)

    def track_and_create_task(
        self,
        pipeline: Pipeline,
        context: LLMContext,
        runner_args: "RunnerArguments | None" = None,
        transport: "BaseTransport | None" = None,
        session_id: str | None = None,
        custom_metadata: dict[str, Any] | None = None,
        **pipeline_task_kwargs: Any,
    ) -> "PipelineTask":
        """Does all in one: track_pipeline(), a PipelineTask with tracing, register_task_handlers()."""
        self.track_pipeline(pipeline, context, runner_args, session_id, custom_metadata)
        return self.register_task_handlers(self._new_task(pipeline, pipeline_task_kwargs), transport)

    def register_task_handlers(self, task: TaskType, transport: "BaseTransport | None" = None) -> TaskType:
        """Follows the task, or the worker, from its run to its end; returns it."""
        session = self._session
        if session is None or session.ended:
            if self.enabled:
                logger.warning(
                    "Callscope: register_task_handlers() comes after observe_pipeline() or track_pipeline()"
                )
            return task
        with guarded("attaching to the task"):
            self._follow(session, task)
            if transport is not None:
                _follow_transport(session, transport)
        return task

    # While the call runs.

    async def start_audio_upload(self) -> None:
        """The caller consents: what was held back is sent, and the rest as it comes."""
        session = self._session
        if session is None or not session.options.defer_upload:
            return
        if session.ended:
            logger.warning(
                "Callscope: consent came after the end of call %s, which is deleted", self.session_id
            )
            return
        session.sender.consent()

    async def abort_recording(self) -> None:
        """Deletes the audio, here and at the server; the rest of the call is sent."""
        if self._session is not None:
            self._session.drop_audio()

    async def abort(self) -> None:
        """Deletes the call: nothing more is sent, and the server is told to drop what it has."""
        if self._session is not None:
            self._session.abort()
            await self._session.wait_sent(1.0)

    def set_custom_metadata(self, metadata: dict[str, Any]) -> None:
        """Replaces the call's metadata; raises SessionEndedError once the call is over."""
        self._still_open("set_custom_metadata()")
        self._custom_metadata = dict(sanitize(metadata))
        if self._session is not None:
            self._session.options.custom_metadata = self._custom_metadata

    def get_custom_metadata(self) -> dict[str, Any]:
        return dict(self._custom_metadata)

    def defer_evaluation(self) -> None:
        """Stores the call without scoring it, until its metadata is completed."""
        self._still_open("defer_evaluation()")
        if self._session is not None:
            self._session.options.defer_evaluation = True

    def disable_auto_post(self) -> None:
        """Leaves the posting of an observed call's log to the host; see on_observability_ready()."""
        self._still_open("disable_auto_post()")
        self._auto_post = False
        if self._session is not None:
            self._session.options.auto_post = False

    def on_observability_ready(self, callback: Callable[[dict[str, Any]], Awaitable[None] | None]) -> None:
        """Calls back with the call log once it is complete."""
        self._ready = callback
        if self._session is not None:
            self._session.options.ready = callback

    async def wait_sent(self, timeout: float = 30.0) -> bool:
        """Waits until the call has been sent, or has failed to be; returns whether that is over."""
        return True if self._session is None else await self._session.wait_sent(timeout)

    # What is known.

    @property
    def session_id(self) -> str | None:
        return None if self._session is None else self._session.options.session_id

    @session_id.setter
    def session_id(self, _value: str | None) -> None:
        raise SessionEndedError(
            "the session id is fixed once the pipeline is observed: pass session_id=… to observe_pipeline() or "
            "observe_and_create_task()"
        )

    def is_enabled(self) -> bool:
        return self.enabled

    def get_session_metadata(self) -> dict[str, Any]:
        session = self._session
        options = session.options if session is not None else None
        return {
            "session_id": self.session_id,
            "agent_id": self.agent_id,
            "session_mode": options.mode if options else None,
            "tracking_enabled": options is not None and options.captures,
            "has_transcript": session is not None and bool(session.transcript.entries),
            "has_audio_recorder": options is not None and options.records_audio,
            "defer_evaluation": options is not None and options.defer_evaluation,
            "trace_id": session.trace_id if session is not None else None,
            "ended": session is not None and session.ended,
            "sent": session is not None and session.sender.sent,
            "dropped": session.dropped.told() if session is not None else {},
        }

    # Inside.

    def _still_open(self, what: str) -> None:
        if self._session is not None and self._session.ended:
            raise SessionEndedError(
                f"{what} came after the end of call {self.session_id}; change the stored call with "
                "callscope.Client().calls.update(…)"
            )

    def _prepare(
        self,
        mode: str,
        pipeline: Pipeline,
        context: LLMContext,
        runner_args: "RunnerArguments | None",
        session_id: str | None,
        custom_metadata: dict[str, Any] | None,
        defer_upload: bool,
        defer_evaluation: bool,
    ) -> None:
        if pipeline is None:
            raise ValueError("pipeline cannot be None")
        if context is None:
            raise ValueError("context cannot be None")
        if not self.enabled or self._target is None:
            return
        if self._session is not None and not self._session.ended:
            raise SharedTracerError(
                f"this PipecatTracer records call {self.session_id}, which has not ended: one tracer records one "
                "call. Make a PipecatTracer inside the bot function, for each call"
            )
        _pipeline.claim(pipeline)
        with guarded("observing the pipeline"):
            if custom_metadata is not None:
                self._custom_metadata = dict(sanitize(custom_metadata))
            user, assistant = _pipeline.find_aggregators(pipeline)
            captures = user is not None and assistant is not None
            if not captures:
                _pipeline.warn_of_missing(user, assistant)
            options = Options(
                mode=mode,
                session_id=session_id or getattr(runner_args, "session_id", None) or new_session_id(),
                session_params=getattr(runner_args, "body", None) or {},
                custom_metadata=self._custom_metadata,
                records_audio=mode == OBSERVE and captures,
                captures=captures,
                traces=self._enable_otel_traces,
                capture_logs=self._capture_logs,
                defer_upload=defer_upload,
                defer_evaluation=defer_evaluation,
                auto_post=self._auto_post,
                ready=self._ready,
                services=_pipeline.services_of(pipeline),
            )
            session = Session(self._target, options, self._spool, self._limits)
            session.context = context if captures else None
            if options.traces:
                session.use_traces()
            self._session = session
            _pipeline.attach(pipeline, session, user, assistant)
            if options.capture_logs:
                _logs.current.set(session)
            self._warn_of_others(defer_upload)

    def _warn_of_others(self, defer_upload: bool) -> None:
        if "cekura.pipecat.tracer" in sys.modules:
            logger.warning(
                "Callscope and the cekura SDK are both loaded: a pipeline given to both is recorded twice; "
                "remove the older PipecatTracer"
            )
        exports = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        if defer_upload and not _spans.provider_is_own() and any(name in os.environ for name in exports):
            logger.warning(
                "Callscope holds this call until consent, but this process also exports spans by itself "
                "(OTEL_EXPORTER_OTLP_ENDPOINT): those do not wait"
            )

    def _new_task(self, pipeline: Pipeline, arguments: dict[str, Any]) -> "PipelineTask":
        """Makes the PipelineTask; where that is an alias of the newer worker, without its warning."""
        from pipecat.pipeline.task import PipelineParams, PipelineTask

        session = self._session
        if self.enabled and session is not None and session.options.traces:
            arguments.setdefault("enable_tracing", True)
            arguments.setdefault("enable_turn_tracking", True)
            arguments.setdefault("conversation_id", session.options.session_id)
        if self.enabled and arguments.get("params") is None:
            arguments["params"] = PipelineParams(enable_metrics=True, enable_usage_metrics=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return PipelineTask(pipeline, **arguments)

    def _follow(self, session: Session, task: Any) -> None:
        original_run = task.run

        async def run(*arguments: Any, **named: Any) -> Any:
            token = _logs.current.set(session) if session.options.capture_logs else None
            with guarded("beginning a call"):
                session.begin()
            try:
                return await original_run(*arguments, **named)
            finally:
                with guarded("ending a call"):
                    session.end()
                if token is not None:
                    _logs.current.reset(token)
                if session.options.ready is not None:
                    await session.wait_sent(CALLBACK_S)

        task.run = run
        if not session.options.traces:
            return
        observer = getattr(task, "turn_trace_observer", None)
        if observer is None:
            logger.warning(
                "Callscope gets no spans of this call: the task needs enable_tracing=True and enable_turn_tracking=True"
            )
            return
        session.trace_observer = observer
        original_start = observer.start_conversation_tracing

        def start_conversation_tracing(conversation_id: str | None = None) -> Any:
            with _spans.claiming(session):
                return original_start(conversation_id or session.options.session_id)

        observer.start_conversation_tracing = start_conversation_tracing


def _follow_transport(session: Session, transport: Any) -> None:
    async def on_client_connected(*_: Any) -> None:
        session.client_connected()

    async def on_client_disconnected(*_: Any) -> None:
        session.client_disconnected()

    # A transport without these events would warn of a handler that it never calls.
    known = getattr(transport, "_event_handlers", None)
    for name, handler in (
        ("on_client_connected", on_client_connected),
        ("on_client_disconnected", on_client_disconnected),
    ):
        if known is None or name in known:
            transport.add_event_handler(name, handler)
