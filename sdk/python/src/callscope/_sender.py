"""The thread that sends one call. The agent's threads only append to its queues and set its flags."""

import atexit
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from callscope._config import Limits, Target
from callscope._errors import logger, strict
from callscope._http import backoff_s
from callscope._otlp import span_exporter
from callscope._outgoing import AudioPiece, Dropped, Hooks, Route
from callscope._post import give_way, post, suppress_instrumentation, warn_of, warn_once
from callscope._sound import Sound
from callscope._spool import AUDIO, PAYLOAD, CallFolder
from callscope._upload import Later, Refused
from callscope._withdrawal import keep_order, order_of, withdraw

_running: "weakref.WeakSet[Sender]" = weakref.WeakSet()


class Sender:
    def __init__(
        self,
        target: Target,
        route: Route,
        hooks: Hooks,
        *,
        held: bool = False,
        spool: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.target = target
        self.limits = limits or Limits()
        self.dropped = Dropped()
        # The payload was accepted; for those who ask.
        self.sent = False
        self._route = route
        self._hooks = hooks
        self._spool = spool
        # Set by other threads, read by the sending one; each goes one way only.
        self._held = held
        self._aborted = False
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._sound = Sound(target, self.limits, self.dropped, hooks.make_recorder, self._drop_audio_file)
        # Appended to by other threads; a deque needs no lock for that.
        self._spans: deque[Any] = deque()
        # The sending thread's own.
        self._folder: CallFolder | None = None
        self._export = span_exporter(target, self.limits.request_s)
        self._requests: deque[bytes] = deque()
        self._request_bytes = 0
        self._spans_refused = False
        self._touched = False
        self._next_send = 0.0
        self._failures = 0
        self._checkpoint = -1
        # Guards _withdrawn: the order goes out once, from whichever thread comes first.
        self._withdraw_lock = threading.Lock()
        self._withdrawn = False

    # What other threads may call.

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="callscope-sender", daemon=True)
            _running.add(self)
            self._thread.start()

    @property
    def started(self) -> bool:
        return self._thread is not None

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    @property
    def aborted(self) -> bool:
        return self._aborted

    @property
    def held(self) -> bool:
        return self._held

    def add_audio(self, piece: AudioPiece) -> None:
        if not self._aborted:
            self._sound.add(piece)

    def add_span(self, span: Any) -> None:
        if self._aborted or self._spans_refused:
            return
        if len(self._spans) >= self.limits.spans_waiting:
            self.dropped.spans += 1
            return
        self._spans.append(span)

    def consent(self) -> None:
        self._held = False
        self._wake.set()

    def drop_audio(self) -> None:
        self._sound.drop()
        self._wake.set()

    def abort(self) -> None:
        """From here on nothing is sent but the order to forget the call."""
        self._aborted = True
        self._sound.clear()
        self._spans.clear()
        if self._done.is_set():
            threading.Thread(target=self._withdraw, name="callscope-withdraw", daemon=True).start()
        self._ended.set()
        self._wake.set()
        if self._thread is None:
            self._done.set()

    def end(self) -> None:
        self._ended.set()
        self._wake.set()
        if self._thread is None:
            self._done.set()

    def wait(self, timeout_s: float) -> bool:
        return self._done.wait(timeout_s)

    # The sending thread.

    def _run(self) -> None:
        suppress_instrumentation()
        try:
            self._open()
            while not self._ended.is_set():
                self._wake.wait(self.limits.tick_s)
                self._wake.clear()
                self._pump()
            self._finish()
        except Exception:
            self.dropped.payloads += 1
            if self._folder is not None:
                # What nobody may keep is not left to a later run either.
                (self._folder.destroy if self._aborted or self._held else self._folder.close)()
            self._folder = None
            if strict():
                raise
            logger.warning(
                "Callscope failed while sending a call; the call itself is not affected", exc_info=True
            )
        finally:
            self._sound.close()
            self._spans.clear()
            self._sound.clear()
            for done in self._hooks.done:
                done()
            self._done.set()
            # An abort() that came too late to be seen above.
            if self._aborted:
                self._withdraw()
            _running.discard(self)

    def _state(self) -> dict[str, Any]:
        return {
            "fingerprint": self.target.fingerprint,
            "agent_id": self.target.agent_id,
            "otlp": self.target.otlp,
            "path": self._route.path,
            "posts": self._hooks.posts(),
            "idempotency_key": self._route.idempotency_key,
            "session_id": self._route.session_id,
        }

    def _open(self) -> None:
        """Opens the recording: in the call's folder, or without consent in a file that has no name."""
        if not self._held:
            self._open_folder()
        if self._sound.is_wanted:
            self._sound.open(self._audio_file())

    def _open_folder(self) -> None:
        if self._spool is None:
            return
        try:
            self._folder = CallFolder.create(self._spool, self._state())
        except OSError as error:
            self._no_folder(error)

    def _audio_file(self) -> BinaryIO:
        if self._folder is not None:
            try:
                return self._folder.open_audio()
            except OSError as error:
                self._no_folder(error)
        return tempfile.TemporaryFile(prefix="callscope-")

    def _no_folder(self, error: OSError) -> None:
        warn_once(self.target, "spool", "Callscope cannot keep unsent calls in %s: %s", self._spool, error)
        self._folder, self._spool = None, None

    def _drop_audio_file(self) -> None:
        if self._folder is not None:
            self._folder.drop(AUDIO)

    def _consented(self) -> None:
        """Moves a call that was held into a folder, once."""
        if self._folder is not None or self._spool is None or self._held:
            return
        self._open_folder()
        if self._sound.is_wanted and self._folder is not None:
            self._sound.move_to(self._audio_file())

    def _pump(self) -> None:
        """Takes what has come in; sends, unless the call is held, what is due."""
        if self._aborted:
            return
        self._sound.take()
        self._take_spans()
        if self._held:
            return
        self._consented()
        now = time.monotonic()
        if now < self._next_send:
            return
        try:
            self._send_spans()
            self._send_audio(final=False)
            self._failures = 0
            self._next_send = now + self.limits.send_every_s
        except (Later, Refused) as error:
            warn_of(self.target, error)
            self._next_send = time.monotonic() + backoff_s(self._failures, first_s=1.0)
            self._failures += 1
        if self._folder is not None and self._checkpoint != (changes := self._hooks.changes()):
            self._checkpoint = changes
            self._keep(self._hooks.payload(None, None))

    def _keep(self, payload: Any) -> None:
        """Keeps the call log as far as known, for a later run; a full disk costs that alone."""
        if self._folder is None or payload is None:
            return
        try:
            self._folder.write_json(PAYLOAD, payload)
        except OSError as error:
            warn_once(self.target, "spool", "Callscope cannot keep unsent calls: %s", error)

    def _take_spans(self) -> None:
        encode = self._hooks.encode
        if encode is None:
            self._spans.clear()
            return
        while self._spans and not self._aborted:
            batch: list[Any] = []
            while self._spans and len(batch) < self.limits.spans_per_batch:
                batch.append(self._spans.popleft())
            try:
                request = encode(batch)
            except Exception:
                if strict():
                    raise
                self.dropped.spans += len(batch)
                continue
            give_way()
            if self._request_bytes + len(request) > self.limits.span_bytes:
                self.dropped.spans += len(batch)
                continue
            self._requests.append(request)
            self._request_bytes += len(request)

    def _send_spans(self) -> None:
        while self._requests and not self._aborted and not self._spans_refused:
            request = self._requests[0]
            self._touched = True
            try:
                self._export(request)
            except Refused as error:
                self._spans_refused = error.key_refused
                self.dropped.spans += 1
                self._requests.popleft()
                raise
            self._requests.popleft()
            self._request_bytes -= len(request)

    def _send_audio(self, *, final: bool) -> None:
        if self._aborted:
            return
        try:
            self._sound.send(final=final)
        finally:
            self._touched = self._touched or self._sound.has_left

    def _finish(self) -> None:
        if self._aborted or self._held:
            self._destroy()
            return
        self._consented()
        self._sound.take()
        self._take_spans()
        facts = self._sound.finish()
        deadline = time.monotonic() + self.limits.finish_s
        self._keep(self._hooks.payload(facts, None))
        self._until(deadline - self.limits.finish_s / 3, lambda: self._send_audio(final=True))
        if self._aborted:
            self._destroy()
            return
        self._until(deadline - self.limits.finish_s / 6, self._send_spans)
        object_key = self._sound.object_key
        if not self._sound.is_kept:
            facts = None
        payload = None if self._aborted else self._hooks.payload(facts, object_key)
        if payload is not None:
            self._keep(payload)
            if self._hooks.ready is not None and not self._aborted:
                self._hooks.ready(payload)
        if self._aborted:
            self._destroy()
            return
        posted = payload is None or not self._hooks.posts()
        if not posted:
            posted = self._until(deadline, lambda: self._post(payload))
            self.dropped.payloads += posted and not self.sent
        if self._aborted:
            self._destroy()
            return
        # A recording that could not be sent yet waits in the folder, with the call log to be sent again.
        audio_left = facts is not None and object_key is None
        self._close(posted=posted, audio_left=audio_left)

    def _until(self, deadline: float, step: Callable[[], None]) -> bool:
        """Tries a step until it works, is refused, or there is no time; returns whether it is over and done."""
        attempt = 0
        while not self._aborted:
            try:
                step()
                return True
            except Refused as error:
                warn_of(self.target, error)
                return True
            except Later as error:
                warn_of(self.target, error)
                wait_s = backoff_s(attempt)
                attempt += 1
                if time.monotonic() + wait_s >= deadline:
                    return False
                self._wake.wait(wait_s)
                self._wake.clear()
        return False

    def _post(self, payload: Any) -> None:
        self._touched = True
        post(self.target, self._route.path, payload, self._route.idempotency_key, self.limits.request_s)
        self.sent = True

    def _close(self, *, posted: bool, audio_left: bool) -> None:
        left = bool(self._requests) or not posted or audio_left
        if left and self._folder is not None:
            for request in self._requests:
                self._folder.add_spans(request)
            if posted and not audio_left:
                self._folder.drop(PAYLOAD)
                self._folder.drop(AUDIO)
            self._folder.close()
        else:
            self.dropped.payloads += not posted
            self.dropped.spans += len(self._requests)
            if audio_left:
                self.dropped.audio_bytes += self._sound.bytes_written
            if self._folder is not None:
                self._folder.destroy()
        self._folder = None
        if told := self.dropped.told():
            logger.warning("Callscope dropped parts of call %s: %s", self._route.session_id, told)

    def _destroy(self) -> None:
        """Forgets the call here and, where something has left, at the server."""
        self._requests.clear()
        self._sound.abort_upload()
        self._sound.close()
        if self._folder is not None:
            self._folder.destroy()
            self._folder = None
        if self._aborted:
            self._withdraw()

    def _withdraw(self) -> None:
        """Has the server drop what it has of the call, once, where anything has been sent."""
        with self._withdraw_lock:
            if self._withdrawn or not self._touched:
                return
            self._withdrawn = True
        payload = self._hooks.payload(None, None) or {}
        order = order_of(self.target, self._route, payload, self._hooks.trace_id())
        if not withdraw(self.target, self._route, order, self.limits) and self._spool is not None:
            keep_order(self._spool, self._state(), order)


@atexit.register
def _wait_at_exit() -> None:
    """A bot that exits right after the hang-up still sends its call."""
    deadline = time.monotonic() + Limits.exit_s
    for sender in list(_running):
        if sender.ended:
            sender.wait(max(0.0, deadline - time.monotonic()))
