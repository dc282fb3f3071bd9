"""A call that is still running: each turn is sent when it is told to."""

import time

from dialogues import SUPPORT
from server import Project
from story import lay_out, tell
from tell_pipecat import PipecatCall


class RunningCall:
    def __init__(self, project: Project) -> None:
        self._start_ns = time.time_ns() - 30_000_000_000
        self._exchanges = SUPPORT.exchanges
        self._told = 0
        self._call = PipecatCall(project, tell(SUPPORT), self._start_ns, name="conv-running")
        self.trace_id = self._call.trace_id
        self.turn()

    def turn(self) -> int:
        """Sends the next turn as one that has just ended; returns how many there are."""
        exchange = self._exchanges[self._told % len(self._exchanges)]
        laid = lay_out(SUPPORT, exchange, 0)
        now = (time.time_ns() - self._start_ns) / 1e9
        # It may not begin before the turn before it ended: what was said is short.
        self._told += 1
        self._call.tell(self._told, lay_out(SUPPORT, exchange, now - laid.agent.heard_until))
        return self._told

    def end(self) -> int:
        self._call.end((time.time_ns() - self._start_ns) / 1e9)
        return self._told
