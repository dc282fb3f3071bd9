"""The recording's clock: placed by arrivals, measured against UTC."""

import io
import random

import numpy as np
import pytest

from callscope._recording import AGENT, CALLER, RATE_HZ, Recording

WALL_NS = 1_800_000_000_000_000_000
START_NS = 5_000_000_000


def sound(seconds: float, rate_hz: int, level: int = 10_000) -> bytes:
    return np.full(round(seconds * rate_hz), level, np.int16).tobytes()


def samples_of(recording: Recording) -> np.ndarray:
    recording.file.seek(0)
    return np.frombuffer(recording.file.read(), np.int16).reshape(-1, 2)


def edges(channel: np.ndarray) -> list[float]:
    """Returns the seconds at which the channel becomes loud or quiet."""
    loud = np.abs(channel.astype(int)) > 5_000
    return [float(index + 1) / RATE_HZ for index in np.flatnonzero(loud[1:] != loud[:-1])]


def call_with(rate_hz: int, seconds: float, ppm: float, jitter_s: float, seed: int) -> Recording:
    """The caller speaks on a sound card that is `ppm` fast; pieces arrive late by up to jitter_s."""
    chance = random.Random(seed)
    recording = Recording(io.BytesIO(), WALL_NS, 1 << 30)
    # A card that is fast needs less than 20 ms of the true time for what it calls 20 ms.
    for number in range(round(seconds / 0.02)):
        complete_s = (number + 1) * 0.02 / (1 + ppm / 1e6)
        arrived = START_NS + round((complete_s + chance.random() ** 3 * jitter_s) * 1e9)
        recording.add(CALLER, arrived, sound(0.02, rate_hz), rate_hz, 1)
        if number % 50 == 0:
            recording.write_until(arrived)
    return recording


@pytest.mark.parametrize("ppm", [0.0, 120.0, -80.0])
def test_drift_and_the_time_of_sample_zero_are_measured(ppm: float) -> None:
    recording = call_with(16_000, 120.0, ppm, 0.06, seed=7)
    facts = recording.finish()
    assert facts is not None
    # A fast card makes more seconds than pass.
    assert facts.drift_ppm == pytest.approx(-ppm, abs=25)
    assert facts.sample0_ns == pytest.approx(WALL_NS + START_NS, abs=3_000_000)
    end_ns = facts.sample0_ns + facts.frames / RATE_HZ * (1 + facts.drift_ppm / 1e6) * 1e9
    assert end_ns == pytest.approx(WALL_NS + START_NS + 120.0 / (1 + ppm / 1e6) * 1e9, abs=5_000_000)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000, 48_000])
def test_the_agent_is_placed_where_it_was_heard(rate_hz: int) -> None:
    recording = Recording(io.BytesIO(), WALL_NS, 1 << 30)
    silence = bytes(640)
    for number in range(200):
        at = START_NS + number * 20_000_000
        recording.add(CALLER, at + 20_000_000, silence, 16_000, 1)
        # The agent speaks from 1.0 to 1.6 s and from 2.0 to 2.3 s.
        begins = number in (50, 100)
        if 50 <= number < 80 or 100 <= number < 115:
            recording.add(AGENT, at + 20_000_000, sound(0.02, rate_hz), rate_hz, 1, begins)
        recording.write_until(at)
    facts = recording.finish()
    assert facts is not None
    assert facts.frames == 4 * RATE_HZ
    assert edges(samples_of(recording)[:, 1]) == pytest.approx([1.0, 1.6, 2.0, 2.3], abs=0.002)
    # The resampler dithers by a bit or so.
    assert np.abs(samples_of(recording)[:, 0]).max() <= 2


def test_a_pause_of_the_microphone_is_silence() -> None:
    recording = Recording(io.BytesIO(), WALL_NS, 1 << 30)
    for number in [*range(50), *range(150, 200)]:
        recording.add(CALLER, START_NS + (number + 1) * 20_000_000, sound(0.02, 16_000), 16_000, 1)
    facts = recording.finish()
    assert facts is not None
    assert edges(samples_of(recording)[:, 0]) == pytest.approx([1.0, 3.0], abs=0.002)
    assert facts.frames == pytest.approx(4 * RATE_HZ, abs=30)


def test_stereo_pieces_become_one_voice() -> None:
    recording = Recording(io.BytesIO(), WALL_NS, 1 << 30)
    left_only = np.array([[8_000, 0]] * 480, np.int16).tobytes()
    recording.add(CALLER, START_NS, left_only, 24_000, 2)
    recording.finish()
    assert (samples_of(recording)[:, 0] == 4_000).all()


def test_the_limit_ends_the_recording_and_counts() -> None:
    recording = Recording(io.BytesIO(), WALL_NS, 4 * RATE_HZ)
    for number in range(100):
        recording.add(CALLER, START_NS + (number + 1) * 20_000_000, sound(0.02, 24_000), 24_000, 1)
    facts = recording.finish()
    assert facts is not None
    assert facts.frames == RATE_HZ
    assert recording.dropped_bytes > 0
    assert len(samples_of(recording)) == RATE_HZ


def test_nothing_heard_is_nothing() -> None:
    assert Recording(io.BytesIO(), WALL_NS, 1 << 30).finish() is None
