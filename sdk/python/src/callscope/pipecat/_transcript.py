"""The transcript of a call, written as it happens on the event loop. One owner, no locks.

Entries are OpenAI-style messages with `started_at` and `ended_at`, as the wire has them, and more:
`interrupted`, `generated_text`, `duration_ms`, `is_error`. The sending thread copies the list; an
entry is only ever extended.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from callscope._times import iso, parse_iso

Entry = dict[str, Any]


def as_text(value: Any) -> str:
    """Returns a tool's arguments or result as the JSON string that the wire wants."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        return str(value)


def failure_of(result: Any) -> str | None:
    """Returns what a tool's result says went wrong, by the customs there are; None where nothing did."""
    if isinstance(result, str) and result[:1] == "{":
        try:
            result = json.loads(result)
        except ValueError:
            return None
    if not isinstance(result, dict):
        return None
    error = result.get("error")
    if error:
        return as_text(error)
    if result.get("isError") is True or result.get("is_error") is True or result.get("success") is False:
        return as_text(result.get("message") or result.get("content") or result)
    if str(result.get("status", "")).lower() in ("error", "failed", "failure"):
        return as_text(result.get("message") or result)
    return None


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@dataclass
class Tool:
    """A tool call under way, or done."""

    call_id: str
    name: str
    arguments: str
    started: float
    result_entry: Entry
    span: Any = None
    done: bool = False


@dataclass
class Transcript:
    entries_max: int
    entries: list[Entry] = field(default_factory=list)
    dropped: int = 0
    changes: int = 0
    tools: dict[str, Tool] = field(default_factory=dict)
    # Times are Unix seconds. The caller's speech, by voice activity.
    speech_start: float | None = None
    speech_end: float | None = None
    turn_open: bool = False
    # The agent's speech, by what was played.
    played_start: float | None = None
    played_end: float | None = None
    agent_speaking: bool = False
    # The next sound begins another speech.
    _fresh: bool = True
    _generated: list[str] = field(default_factory=list)
    _generated_since: float | None = None
    _last_answer: Entry | None = None
    _seen: dict[int, Any] = field(default_factory=dict)

    def _add(self, entry: Entry) -> None:
        if len(self.entries) >= self.entries_max:
            self.dropped += 1
            return
        self.entries.append(entry)
        self.changes += 1

    def instructions(self, messages: list[Any], *, first: bool) -> None:
        """Takes the system's and developer's messages of the context that are new; at first all but the user's."""
        for message in messages:
            if not isinstance(message, dict) or id(message) in self._seen:
                continue
            role = message.get("role")
            if role in ("system", "developer") or (first and role in ("assistant", "tool")):
                # Held, so that its id is not given to another.
                self._seen[id(message)] = message
                self._add(
                    {"role": role, **{k: v for k, v in message.items() if k != "role"}, "started_at": None}
                )

    # The caller.

    def speech_started(self, at: float) -> None:
        if not self.turn_open or self.speech_start is None:
            self.speech_start = at
        self.speech_end = None

    def speech_stopped(self, at: float) -> None:
        self.speech_end = at

    def turn_started(self, at: float) -> None:
        self.turn_open = True
        if self.speech_start is None:
            self.speech_start = at

    def turn_stopped(self) -> None:
        self.turn_open = False

    def caller_said(self, content: str, started_at: str | None, now: float) -> None:
        start = self.speech_start
        stated = parse_iso(started_at) if started_at else None
        # A start of speech long before the turn was of something else.
        if start is None or (stated is not None and stated - start > 10.0):
            start = stated if stated is not None else now
        end = self.speech_end if self.speech_end is not None and self.speech_end > start else now
        self._add({"role": "user", "content": content, "started_at": iso(start), "ended_at": iso(end)})
        self.speech_start = None

    # The agent.

    def generation_started(self, at: float) -> None:
        if self._generated_since is None:
            self._generated_since = at

    def generated(self, text: str) -> None:
        self._generated.append(text)

    def agent_started(self) -> None:
        self.agent_speaking = True
        self._fresh = True

    def played(self, start: float, end: float) -> bool:
        """Returns whether a speech begins with this sound."""
        fresh, self._fresh = self._fresh, False
        if fresh:
            self.played_start = start
        self.played_end = end
        return fresh

    def agent_said(self, content: str, interrupted: bool, started_at: str | None, now: float) -> None:
        """An answer is complete; it may be heard already, be playing, or be about to."""
        generated = "".join(self._generated).strip()
        since, self._generated_since = self._generated_since, None
        self._generated = []
        content = content.strip()
        if not content and not (interrupted and generated):
            return
        stated = parse_iso(started_at) if started_at else None
        begun = since if since is not None else stated
        start = self.played_start
        # A speech that had begun before this answer was of the one before.
        if start is None or (begun is not None and start < begun - 0.05):
            start = begun if begun is not None else now
        end = self.played_end if not self.agent_speaking and self.played_end is not None else now
        entry: Entry = {
            "role": "assistant",
            "content": content,
            "started_at": iso(start),
            "ended_at": iso(max(start, end)),
        }
        if generated and _plain(generated) != _plain(content):
            entry["generated_text"] = generated
        if interrupted:
            entry["interrupted"] = True
        self._add(entry)
        self._last_answer = entry if self.agent_speaking and not interrupted else None

    def agent_stopped(self) -> None:
        """The agent fell silent: what it was saying ended with the last sound."""
        self.agent_speaking = False
        answer, self._last_answer = self._last_answer, None
        if answer is not None and self.played_end is not None and iso(self.played_end) > answer["started_at"]:
            answer["ended_at"] = iso(self.played_end)
            self.changes += 1

    def interrupted(self, now: float) -> None:
        """The caller broke in while the agent spoke; an answer that is written already is marked."""
        answer = self._last_answer
        if self.agent_speaking and answer is not None:
            answer["interrupted"] = True
            answer["ended_at"] = iso(self.played_end if self.played_end is not None else now)
            self.changes += 1

    # Tools.

    def tool_started(self, call_id: str, name: str, arguments: Any, now: float) -> Tool | None:
        """Returns the tool, or None where it was known already: Pipecat tells everything twice."""
        if call_id in self.tools:
            return None
        text = as_text(arguments)
        at = iso(now)
        call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}
        self._add({"role": "assistant", "tool_calls": [call], "started_at": at, "ended_at": at})
        result: Entry = {
            "role": "tool",
            "tool_call_id": call_id,
            "content": "IN_PROGRESS",
            "started_at": at,
            "ended_at": at,
        }
        self._add(result)
        tool = Tool(call_id, name, text, now, result)
        self.tools[call_id] = tool
        return tool

    def tool_ended(self, call_id: str, content: str, error: str | None, now: float) -> Tool | None:
        """Returns the tool, or None where it is unknown or had ended."""
        tool = self.tools.get(call_id)
        if tool is None or tool.done:
            return None
        tool.done = True
        entry = tool.result_entry
        entry["content"] = content
        entry["ended_at"] = iso(now)
        entry["duration_ms"] = round((now - tool.started) * 1000, 3)
        entry["is_error"] = error is not None
        if error is not None:
            entry["error"] = error
        self.changes += 1
        return tool

    def oldest_running(self, name: str) -> Tool | None:
        return next((tool for tool in self.tools.values() if tool.name == name and not tool.done), None)
