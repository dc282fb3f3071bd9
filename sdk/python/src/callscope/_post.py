"""Posts JSON, warns of a server once, and keeps a sending thread out of the host's way."""

import json
import re
import time
from typing import Any

from callscope._config import Target
from callscope._errors import logger
from callscope._http import Unreachable, send
from callscope._upload import Later, Refused

# What the paths for spans and for call logs say of an agent that is not there.
_NO_AGENT = re.compile(r'no agent has the id|"agent(_id)?": ?\["Invalid pk')
_warned: set[tuple[str, str]] = set()


def warn_once(target: Target, kind: str, message: str, *values: object) -> None:
    """Warns of a server once for each kind of trouble."""
    if (target.host, kind) not in _warned:
        _warned.add((target.host, kind))
        logger.warning(message, *values)


def warn_of(target: Target, error: Exception) -> None:
    if isinstance(error, Refused):
        if error.key_refused:
            text = (
                "Callscope at %s refused the API key for agent %s: %s. Set api_key=… or CALLSCOPE_API_KEY to a key "
                "of the project that has the agent; the call goes on without it"
            )
            warn_once(target, "key", text, target.host, target.agent_id, error)
        elif _NO_AGENT.search(str(error)):
            text = (
                "Callscope at %s has no agent %s. Set agent_id=… or CALLSCOPE_AGENT_ID to the number of an agent of "
                "the key's project, as its page Settings, Agents tells; the call goes on without it"
            )
            warn_once(target, "agent", text, target.host, target.agent_id)
        else:
            warn_once(target, str(error)[:40], "Callscope at %s: %s", target.host, error)
    else:
        text = (
            "Callscope at %s cannot be reached: %s. Is the URL right (CALLSCOPE_URL) and the server running?"
        )
        warn_once(target, "reach", text, target.host, error)


def post(target: Target, path: str, payload: Any, idempotency_key: str, timeout_s: float) -> None:
    body = json.dumps(payload, ensure_ascii=False, default=str).encode()
    headers = target.headers | {"content-type": "application/json", "idempotency-key": idempotency_key}
    try:
        answer = send("POST", target.url(path), headers=headers, body=body, timeout_s=timeout_s)
    except Unreachable as error:
        raise Later(str(error)) from None
    if answer.transient:
        raise Later(answer.told())
    if not answer.ok:
        raise Refused(f"the call log was refused: {answer.told()}", key_refused=answer.status in (401, 403))


def give_way() -> None:
    """Hands the interpreter lock to a thread that waits for it."""
    time.sleep(0)


def suppress_instrumentation() -> None:
    """Keeps what this thread sends out of the host's own traces."""
    try:
        from opentelemetry import context
    except ImportError:
        return
    key = getattr(context, "_SUPPRESS_INSTRUMENTATION_KEY", "suppress_instrumentation")
    context.attach(context.set_value(key, True))
