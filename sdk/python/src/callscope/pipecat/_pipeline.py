"""Finds the places of a pipeline that a call is read at, and attaches the readers."""

import weakref
from collections.abc import Iterator
from typing import Any

from pipecat.processors.aggregators import llm_response_universal as aggregators
from pipecat.services.ai_service import AIService
from pipecat.services.llm_service import LLMService
from pipecat.transports.base_input import BaseInputTransport

from callscope._errors import CallscopeError, guarded, logger

from ._session import Session

_watched: "weakref.WeakSet[Any]" = weakref.WeakSet()

_HINT = """Callscope observability disabled: {missing} not found in pipeline.
Transcript, tools and audio need both of a context's aggregators in the pipeline:

    from pipecat.processors.aggregators.llm_context import LLMContext
    from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair

    context = LLMContext(messages)
    aggregators = LLMContextAggregatorPair(context)
    pipeline = Pipeline([transport.input(), stt, aggregators.user(), llm, tts, transport.output(), aggregators.assistant()])

Spans are still exported."""


def processors_of(processor: Any) -> Iterator[Any]:
    """Yields the processors within, at every depth, in the pipeline's order."""
    for inner in getattr(processor, "processors", None) or []:
        yield inner
        yield from processors_of(inner)


def find_aggregators(pipeline: Any) -> tuple[Any, Any]:
    user = assistant = None
    for processor in processors_of(pipeline):
        if user is None and isinstance(processor, aggregators.LLMUserAggregator):
            user = processor
        elif assistant is None and isinstance(processor, aggregators.LLMAssistantAggregator):
            assistant = processor
    return user, assistant


def warn_of_missing(user: Any, assistant: Any) -> None:
    names = [("LLMUserAggregator", user), ("LLMAssistantAggregator", assistant)]
    missing = " and ".join(name for name, found in names if found is None)
    logger.warning(_HINT.format(missing=missing))


def services_of(pipeline: Any) -> list[str]:
    return [
        type(processor).__name__ for processor in processors_of(pipeline) if isinstance(processor, AIService)
    ]


def claim(pipeline: Any) -> None:
    """Raises where the pipeline is watched already: every event would count twice."""
    if pipeline in _watched:
        raise CallscopeError(
            "this pipeline is observed already: call one of the observe_… or track_… methods, once"
        )
    _watched.add(pipeline)


def attach(pipeline: Any, session: Session, user: Any, assistant: Any) -> None:
    """Puts the readers where the frames pass."""
    frames = session.frames
    chain = list(getattr(pipeline, "processors", None) or [pipeline])
    source, sink = chain[0], chain[-1]
    sink.add_event_handler("on_before_process_frame", frames.sink)
    captures = user is not None and assistant is not None
    inputs = [processor for processor in processors_of(pipeline) if isinstance(processor, BaseInputTransport)]
    at_source = frames.source
    if captures and inputs:
        inputs[0].add_event_handler("on_before_push_frame", frames.input)
    elif captures:
        at_source = frames.source.with_all_of(frames.input)
    source.add_event_handler("on_before_process_frame", at_source)
    if user is None or assistant is None:
        return
    user.add_event_handler("on_before_push_frame", frames.user)
    for processor in processors_of(pipeline):
        if isinstance(processor, LLMService):
            processor.add_event_handler("on_before_push_frame", frames.model)

    async def on_user_turn_stopped(_aggregator: Any, _strategy: Any, message: Any) -> None:
        with guarded("writing the transcript"):
            session.caller_turn(message)

    async def on_user_turn_message_added(_aggregator: Any, message: Any) -> None:
        with guarded("writing the transcript"):
            session.caller_words(message)

    async def on_assistant_turn_stopped(_aggregator: Any, message: Any) -> None:
        with guarded("writing the transcript"):
            session.agent_turn(message)

    user.add_event_handler("on_user_turn_stopped", on_user_turn_stopped)
    if hasattr(aggregators, "UserTurnMessageAddedMessage"):
        user.add_event_handler("on_user_turn_message_added", on_user_turn_message_added)
    assistant.add_event_handler("on_assistant_turn_stopped", on_assistant_turn_stopped)
