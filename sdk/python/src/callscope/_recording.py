"""Two voices on one clock: places audio that arrives in pieces, and measures that clock against UTC.

The recording is 16-bit PCM, two channels: the caller is the left one. Its clock is the caller's own
sound card as long as that sends; what the agent says is placed by it. Pieces arrive late, never
early, so the earliest arrivals of every few seconds tell how the clock runs against UTC.
"""

from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import soxr

RATE_HZ = 24_000
FRAME_BYTES = 4
CALLER, AGENT = 0, 1
ROLES = ("caller", "agent")
# A pause in the arrivals longer than this is silence; a shorter one is the network's jitter.
GAP_S = (0.5, 0.2)
# What may still arrive for a time that has passed.
SLACK_S = 1.0
BUCKET_S = 5.0
BUCKETS_FOR_DRIFT = 4

Samples = npt.NDArray[np.int16]


@dataclass
class AudioFacts:
    """What is known of the clock: second s of the audio is UTC sample0_ns / 1e9 + s * (1 + drift_ppm / 1e6)."""

    frames: int
    sample0_ns: int
    drift_ppm: float
    dropped_bytes: int = 0


@dataclass
class _Track:
    """One channel. `end` is the frame behind the last one; frames before `Recording.written` are in the file."""

    gap_s: float
    pending: list[Samples] = field(default_factory=list)
    end: int = 0
    rate_hz: int = 0
    resampler: Any = None
    # The time at which the running segment began, and what has come of it since, in seconds.
    segment_start_s: float = 0.0
    segment_s: float = 0.0
    segment_frame: int = 0

    def append(self, samples: Samples) -> None:
        if len(samples):
            self.pending.append(samples)
            self.end += len(samples)

    def pad(self, frame: int) -> None:
        if frame > self.end:
            self.append(np.zeros(frame - self.end, np.int16))

    def flush(self) -> None:
        """Brings out what the resampler holds back."""
        if self.resampler is not None:
            self.append(self.resampler.resample_chunk(np.zeros(0, np.int16), last=True))
            self.resampler = None

    def take(self, count: int) -> Samples:
        joined = np.concatenate(self.pending) if self.pending else np.zeros(0, np.int16)
        self.pending = [joined[count:]] if len(joined) > count else []
        return joined[:count]


def to_mono(pcm: bytes, channels: int) -> Samples:
    samples: Samples = np.frombuffer(pcm[: len(pcm) // (2 * channels) * (2 * channels)], np.int16)
    if channels > 1:
        samples = samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return samples


class Recording:
    """Belongs to one thread. Times are monotonic nanoseconds; `wall_ns` is UTC minus that clock."""

    def __init__(self, file: BinaryIO, wall_ns: int, bytes_max: int) -> None:
        self.file = file
        self.written = 0
        self.dropped_bytes = 0
        self._wall_ns = wall_ns
        self._frames_max = bytes_max // FRAME_BYTES
        self._start_ns: int | None = None
        self._tracks = (_Track(GAP_S[CALLER]), _Track(GAP_S[AGENT]))
        # The earliest arrival of each few seconds of the caller: (seconds in the file, seconds late).
        self._buckets: list[tuple[float, float]] = []
        self._lead_s = 0.0

    @property
    def bytes_written(self) -> int:
        return self.written * FRAME_BYTES

    def add(
        self, channel: int, arrived_ns: int, pcm: bytes, rate_hz: int, channels: int, begins: bool = False
    ) -> None:
        """Places a piece that was complete at `arrived_ns`; one that begins something follows no other."""
        if rate_hz <= 0 or channels <= 0 or not pcm:
            return
        samples = to_mono(pcm, channels)
        length_s = len(samples) / rate_hz
        if self._start_ns is None:
            self._start_ns = arrived_ns - round(length_s * 1e9)
        start_s = (arrived_ns - self._start_ns) / 1e9 - length_s
        track = self._tracks[channel]
        expected_s = track.segment_start_s + track.segment_s
        if begins or track.rate_hz != rate_hz or start_s - expected_s > track.gap_s:
            track.flush()
            track.pad(round((start_s - self._lead_s) * RATE_HZ))
            track.segment_start_s, track.segment_s, track.rate_hz = start_s, 0.0, rate_hz
            track.segment_frame = track.end
            if rate_hz != RATE_HZ:
                track.resampler = soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="int16", quality="MQ")
        if channel == CALLER:
            self._measure(track.segment_frame / RATE_HZ + track.segment_s, start_s)
        track.segment_s += length_s
        track.append(samples if track.resampler is None else track.resampler.resample_chunk(samples))

    def _measure(self, file_s: float, arrived_s: float) -> None:
        late_s = arrived_s - file_s
        if not self._buckets or file_s - self._buckets[-1][0] >= BUCKET_S:
            self._buckets.append((file_s, late_s))
        elif late_s < self._buckets[-1][1]:
            self._buckets[-1] = (self._buckets[-1][0], late_s)
        self._lead_s = min(late for _, late in self._buckets[-2:])

    def write_until(self, now_ns: int) -> None:
        """Writes what cannot change any more."""
        if self._start_ns is None:
            return
        passed = round(((now_ns - self._start_ns) / 1e9 - self._lead_s - SLACK_S) * RATE_HZ)
        for track in self._tracks:
            if passed > track.end:
                track.flush()
                track.pad(passed)
        self._write(min(track.end for track in self._tracks))

    def finish(self) -> AudioFacts | None:
        """Writes the rest; returns None where nothing was heard."""
        if self._start_ns is None:
            return None
        for track in self._tracks:
            track.flush()
        end = max(track.end for track in self._tracks)
        for track in self._tracks:
            track.pad(end)
        self._write(end)
        self.file.flush()
        first_s, drift = self._fit()
        sample0_ns = self._wall_ns + self._start_ns + round(first_s * 1e9)
        return AudioFacts(self.written, sample0_ns, round(drift * 1e6, 3), self.dropped_bytes)

    def _write(self, end: int) -> None:
        count = end - self.written
        if count <= 0:
            return
        stereo = np.empty((count, 2), np.int16)
        for channel, track in enumerate(self._tracks):
            stereo[:, channel] = track.take(count)
        kept = max(0, min(count, self._frames_max - self.written))
        self.dropped_bytes += (count - kept) * FRAME_BYTES
        if kept:
            self.file.seek(self.written * FRAME_BYTES)
            self.file.write(stereo[:kept].tobytes())
        # The limit ends the recording; what follows is counted only.
        self.written += kept
        if kept < count:
            for track in self._tracks:
                track.end = self.written
                track.pending = []

    def _fit(self) -> tuple[float, float]:
        """Returns the line through the earliest arrivals: seconds late at sample 0, and per second."""
        if not self._buckets:
            return 0.0, 0.0
        if len(self._buckets) < BUCKETS_FOR_DRIFT:
            return min(late for _, late in self._buckets), 0.0
        seconds = np.array([file_s for file_s, _ in self._buckets[:-1]]) + BUCKET_S / 2
        late = np.array([late for _, late in self._buckets[:-1]])
        slope, first = np.polyfit(seconds, late, 1)
        return float(first), float(slope)
