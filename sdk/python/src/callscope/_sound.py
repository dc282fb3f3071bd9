"""The recording of one call on its way: what came in, the file it is mixed into, and its upload."""

import time
from collections import deque
from collections.abc import Callable
from typing import BinaryIO

from callscope._config import Limits, Target
from callscope._errors import strict
from callscope._outgoing import AudioPiece, Dropped, Facts, Recorder
from callscope._post import give_way, warn_once
from callscope._upload import AudioUpload, Refused


class Sound:
    """The sending thread's own, but for add(), drop() and clear(), which any thread may call.

    `forgotten` is called where the recording is given up, to remove what the caller keeps of it.
    """

    def __init__(
        self,
        target: Target,
        limits: Limits,
        dropped: Dropped,
        make_recorder: Callable[[BinaryIO], Recorder] | None,
        forgotten: Callable[[], None],
    ) -> None:
        self._target = target
        self._limits = limits
        self._dropped = dropped
        self._make_recorder = make_recorder
        self._forgotten = forgotten
        # Appended to by other threads. A deque needs no lock for that; the counts are for its limit.
        self._waiting: deque[AudioPiece] = deque()
        self._bytes_in = 0
        self._bytes_out = 0
        self._is_dropped = False
        self._file: BinaryIO | None = None
        self._recorder: Recorder | None = None
        self._upload: AudioUpload | None = None
        self._is_refused = False

    # What any thread may call.

    def add(self, piece: AudioPiece) -> None:
        if self._is_dropped:
            return
        length = len(piece[2])
        if self._bytes_in - self._bytes_out + length > self._limits.audio_queue_bytes:
            self._dropped.audio_bytes += length
            return
        self._bytes_in += length
        self._waiting.append(piece)

    def drop(self) -> None:
        self._is_dropped = True
        self._waiting.clear()

    def clear(self) -> None:
        self._waiting.clear()

    # The sending thread.

    @property
    def is_wanted(self) -> bool:
        return self._make_recorder is not None

    @property
    def has_left(self) -> bool:
        """Whether any of it may be at the server."""
        return self._upload is not None and self._upload.begun

    @property
    def object_key(self) -> str | None:
        return self._upload.object_key if self._upload is not None else None

    @property
    def is_kept(self) -> bool:
        return self._recorder is not None and not self._is_refused

    @property
    def bytes_written(self) -> int:
        return self._recorder.bytes_written if self._recorder is not None else 0

    def open(self, file: BinaryIO) -> None:
        self._file = file
        if self._make_recorder is not None:
            self._recorder = self._make_recorder(file)

    def move_to(self, file: BinaryIO) -> None:
        """Goes on in another file, with all that it has."""
        held, self._file = self._file, file
        if held is None or self._recorder is None:
            return
        held.seek(0)
        while block := held.read(1 << 20):
            file.write(block)
        self._recorder.file = file
        held.close()

    def take(self) -> None:
        """Mixes what has come in."""
        if self._recorder is None:
            self._waiting.clear()
            return
        if self._is_dropped:
            self.forget()
            return
        try:
            self._record(self._recorder)
        except Exception as error:
            if strict() and not isinstance(error, OSError):
                raise
            warn_once(self._target, "audio", "Callscope cannot record: %s", error)
            self._dropped.audio_bytes += self._recorder.bytes_written
            self.forget()

    def _record(self, recorder: Recorder) -> None:
        # As of before the queue is empty: a piece that comes meanwhile is not late yet.
        now_ns = time.monotonic_ns()
        while self._waiting:
            for _ in range(self._limits.audio_pieces_per_batch):
                try:
                    piece = self._waiting.popleft()
                except IndexError:
                    break
                self._bytes_out += len(piece[2])
                recorder.add(*piece)
            give_way()
        recorder.write_until(now_ns)

    def finish(self) -> Facts | None:
        facts: Facts | None = None
        if self._recorder is not None:
            try:
                facts = self._recorder.finish()
            except OSError as error:
                warn_once(self._target, "audio", "Callscope cannot record: %s", error)
        if facts is None:
            self.forget()
        return facts

    def send(self, *, final: bool) -> None:
        """Uploads what is due; raises Later or Refused."""
        if self._is_dropped:
            self.forget()
        if self._recorder is None or self._file is None or self._is_refused:
            return
        if self._upload is None:
            self._upload = AudioUpload(self._target, self._file, self._limits)
        try:
            self._upload.advance(self._recorder.bytes_written, final=final)
        except Refused:
            self._is_refused = True
            self._dropped.audio_bytes += self._recorder.bytes_written
            raise

    def forget(self) -> None:
        """Gives the recording up, here and at the server."""
        self._recorder = None
        self.abort_upload()
        self._upload = None
        self.close()
        self._forgotten()

    def abort_upload(self) -> None:
        if self._upload is not None:
            self._upload.abort()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
