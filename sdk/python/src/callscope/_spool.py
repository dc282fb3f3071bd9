"""Calls on disk: what a call still has to send, so that a dead server or a killed process loses little.

A call has a folder, readable by its user alone, locked while its process lives:

    state.json     where the call goes; the key only as a fingerprint
    payload.json   the call log as far as known
    audio.pcm      the recording
    spans-N.pb     encoded requests that could not be sent
    withdraw.json  instead of all others: the server is to drop what it has of the call

A later run with the same server and key sends what it finds here. A call whose caller has not
agreed to be recorded is never here: it has no folder until consent.
"""

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from callscope._config import Limits, Target
from callscope._errors import logger

try:
    import fcntl
except ImportError:  # Windows: a folder counts as in use while it is young.
    fcntl = None  # type: ignore[assignment]

STATE, PAYLOAD, AUDIO, WITHDRAW, LOCK = "state.json", "payload.json", "audio.pcm", "withdraw.json", "lock"
YOUNG_S = 3600.0


def _locked(path: Path) -> BinaryIO | None:
    """Returns the locked file, or None where another process holds it."""
    file = path.open("ab")
    if fcntl is None:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


class CallFolder:
    """The folder of one call, held by this process."""

    def __init__(self, path: Path, lock: BinaryIO) -> None:
        self.path = path
        self._lock = lock
        self._spans = len(list(path.glob("spans-*.pb")))

    @classmethod
    def create(cls, root: Path, state: dict[str, Any]) -> "CallFolder":
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = uuid.uuid4().hex
        # It gets its name once it is locked: a recovery that runs meanwhile does not see half of it.
        made = root / f".{name}"
        made.mkdir(mode=0o700)
        lock = _locked(made / LOCK)
        assert lock is not None, "a new folder was locked"
        cls(made, lock).write_json(STATE, state)
        return cls(made.rename(root / name), lock)

    def open_audio(self) -> BinaryIO:
        return (self.path / AUDIO).open("w+b")

    def write_json(self, name: str, value: Any) -> None:
        """Replaces the file as a whole: a crash leaves the old one or the new one."""
        temporary = self.path / (name + ".new")
        temporary.write_text(json.dumps(value, ensure_ascii=False, default=str))
        temporary.replace(self.path / name)

    def read_json(self, name: str) -> Any:
        try:
            return json.loads((self.path / name).read_text())
        except (OSError, ValueError):
            return None

    def add_spans(self, request: bytes) -> None:
        self._spans += 1
        (self.path / f"spans-{self._spans:05}.pb").write_bytes(request)

    def drop(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Leaves the folder to a later run."""
        self._lock.close()

    def destroy(self) -> None:
        """Deletes everything."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def left_behind(root: Path, target: Target, limits: Limits) -> Iterator[CallFolder]:
    """Yields the folders that processes now dead left for this server and key; deletes what is too old
    or too much, and says so."""
    if not root.is_dir():
        return
    now, total, dropped = time.time(), 0, 0
    folders: list[tuple[float, Path]] = []
    for path in root.iterdir():
        try:
            folders.append((path.stat().st_mtime, path))
        except OSError:
            continue
    for modified, path in sorted(folders, reverse=True):
        if now - modified < YOUNG_S and (fcntl is None or path.name.startswith(".")):
            continue
        try:
            lock = _locked(path / LOCK)
            if lock is None:
                continue
            folder = CallFolder(path, lock)
            total += sum(entry.stat().st_size for entry in os.scandir(path))
        except OSError:
            continue
        state = folder.read_json(STATE)
        if (
            now - modified > limits.spool_days * 86400
            or total > limits.spool_bytes
            or not isinstance(state, dict)
        ):
            dropped += 1
            folder.destroy()
        elif state.get("fingerprint") == target.fingerprint:
            yield folder
        else:
            folder.close()
    if dropped:
        logger.warning("Callscope dropped unsent calls that were too old or too many: %d", dropped)
