"""The order to the server to forget a call: sent at once, or kept for a later run."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callscope._config import Limits, Target
from callscope._errors import logger
from callscope._http import backoff_s
from callscope._outgoing import Route
from callscope._post import post
from callscope._spool import WITHDRAW, CallFolder
from callscope._upload import Later, Refused

WITHDRAW_PATH = "/api/v1/sessions/withdraw"


def order_of(
    target: Target, route: Route, payload: Mapping[str, Any], trace_id: str | None
) -> dict[str, Any]:
    """Names the call to be forgotten, as far as the server may know it."""
    order: dict[str, Any] = {"agent_id": target.agent_id, "session_id": route.session_id}
    if payload.get("session_start"):
        order["session_start"] = payload["session_start"]
    if trace_id:
        order["trace_id"] = trace_id
    return order


def withdraw(target: Target, route: Route, order: dict[str, Any], limits: Limits) -> bool:
    """Tries until the server has done it, or never will, or there is no time; returns whether it is over."""
    deadline = time.monotonic() + limits.finish_s
    attempt = 0
    while True:
        try:
            post(target, WITHDRAW_PATH, order, route.idempotency_key + "-withdraw", limits.request_s)
            return True
        except Refused as error:
            logger.error("Callscope could not withdraw call %s: %s", route.session_id, error)
            return True
        except Later as error:
            wait_s = backoff_s(attempt)
            attempt += 1
            if time.monotonic() + wait_s >= deadline:
                logger.error("Callscope has not withdrawn call %s yet: %s", route.session_id, error)
                return False
            time.sleep(wait_s)


def keep_order(spool: Path, state: dict[str, Any], order: dict[str, Any]) -> None:
    try:
        folder = CallFolder.create(spool, state)
        folder.write_json(WITHDRAW, order)
        folder.close()
    except OSError as error:
        logger.error("Callscope cannot keep the order to withdraw %s: %s", order["session_id"], error)
