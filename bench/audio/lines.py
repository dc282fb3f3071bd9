"""What lines, rooms and handsets do to a call, besides noise: for human.py."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import synth

SPEECH = 0.06  # root mean square of every sentence


def filtered(length: int, low_hz: float, high_hz: float, rng: np.random.Generator) -> np.ndarray:
    """Returns noise of that band whose root mean square is 1."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / synth.RATE)
    spectrum[(frequency < low_hz) | (frequency > high_hz)] = 0
    noise = np.fft.irfft(spectrum, length)
    return noise / np.sqrt(np.mean(noise**2))


def free_places(call: synth.Call, speaker: str, seconds: float) -> list[int]:
    """Where the speaker is silent for so long, with half a second on either side."""
    spoken = sorted((s.start, s.end) for s in call.turns + call.backchannels if s.speaker == speaker)
    places = []
    end = 0
    for start, until in [*spoken, (call.audio.shape[1], 0)]:
        if start - end >= (seconds + 1) * synth.RATE:
            places.append(end + synth.RATE // 2)
        end = max(end, until)
    return places


def canceller(call: synth.Call, audio: np.ndarray, seed: int) -> np.ndarray:
    """The caller's handset echoes the agent, 12 dB quieter and 160 ms later, until its canceller has
    settled, half a second into each turn, and for moments afterwards."""
    rng = random.Random(seed)
    gate = np.zeros(audio.shape[1])
    for turn in call.turns:
        if turn.speaker != "agent":
            continue
        at = turn.start
        length = rng.uniform(0.3, 0.6)
        while at < turn.end:
            gate[at : min(turn.end, at + round(length * synth.RATE))] = 1
            at += round((length + rng.uniform(0.8, 3)) * synth.RATE)
            length = rng.uniform(0.15, 0.4)
    delay = round(0.16 * synth.RATE)
    ramp = np.hanning(320)
    gate = np.convolve(gate, ramp / ramp.sum(), mode="same")
    late = np.zeros_like(audio)
    late[0, delay:] = (audio[1] * gate)[:-delay] * 10 ** (-12 / 20)
    return audio + late


def second_voice(
    audio: np.ndarray, voice: Callable[[str], np.ndarray], level_db: float, seed: int
) -> np.ndarray:
    """Somebody else talks in the caller's room most of the time."""
    rng = random.Random(seed)
    other = np.zeros(audio.shape[1])
    at = 0
    while at < len(other):
        sentence = voice(f"{seed} second {at}")[: len(other) - at]
        other[at : at + len(sentence)] = sentence
        at += len(sentence) + round(rng.uniform(0.4, 2.5) * synth.RATE)
    mixed = audio.copy()
    mixed[0] += other * 10 ** (level_db / 20)
    return mixed


def babble(audio: np.ndarray, voice: Callable[[str], np.ndarray], seed: int) -> np.ndarray:
    """Six people talk around the caller, together 18 dB quieter."""
    nobody = np.zeros_like(audio)
    for person in range(6):
        nobody = second_voice(nobody, voice, 0, seed * 10 + person)
    mixed = audio.copy()
    mixed[0] += nobody[0] / np.sqrt(np.mean(nobody[0] ** 2)) * SPEECH * 10 ** (-18 / 20)
    return mixed


def bumps(call: synth.Call, audio: np.ndarray, seed: int) -> np.ndarray:
    """The handset is put down, taken up and rubbed in the caller's silences."""
    rng = random.Random(seed)
    noise = np.random.default_rng(seed)
    mixed = audio.copy()
    for place in free_places(call, "caller", 0.8):
        at = place
        for _ in range(rng.randint(1, 3)):
            length = round(rng.uniform(0.06, 0.18) * synth.RATE)
            fade = np.exp(-np.linspace(0, 6, length))
            thud = filtered(length, 60, rng.choice([400, 1200, 3400]), noise) * fade
            end = min(at + length, mixed.shape[1])
            mixed[0, at:end] += (thud * SPEECH * 10 ** (rng.uniform(-6, 10) / 20))[: end - at]
            at += round(rng.uniform(0.1, 0.25) * synth.RATE)
    return mixed


def cough(seconds: float, seed: int) -> np.ndarray:
    """Two bursts of noise, shaped by a throat and as loud as speech."""
    noise = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * synth.RATE))
    for start in (0.0, 0.32):
        length = round(0.2 * synth.RATE)
        burst = filtered(length, 300, 1200, noise) + 0.5 * filtered(length, 1200, 3400, noise)
        at = round(start * synth.RATE)
        sound[at : at + length] += burst * np.exp(-np.linspace(0, 5, length)) * SPEECH * 1.5
    return sound


def traffic(audio: np.ndarray, seed: int) -> np.ndarray:
    """Cars pass the caller: rumble and hiss that swell to 8 dB below speech."""
    rng = random.Random(seed)
    noise = np.random.default_rng(seed)
    length = audio.shape[1]
    swell = np.full(length, 0.1)
    time = np.arange(length) / synth.RATE
    for _ in range(round(length / synth.RATE / 6)):
        middle, width = rng.uniform(0, time[-1]), rng.uniform(1, 3)
        swell += np.exp(-(((time - middle) / width) ** 2)) * rng.uniform(0.4, 1)
    cars = filtered(length, 40, 500, noise) + 0.4 * filtered(length, 500, 3000, noise)
    mixed = audio.copy()
    mixed[0] += cars * np.minimum(swell, 1.2) * SPEECH * 10 ** (-8 / 20)
    return mixed


def gain_control(audio: np.ndarray) -> np.ndarray:
    """Both lines bring everything to one level, by up to 30 dB: down within 10 ms, up within 400."""
    out = np.empty_like(audio)
    frame = synth.RATE // 200
    for channel in range(audio.shape[0]):
        gain_db = 0.0
        for at in range(0, audio.shape[1], frame):
            block = audio[channel, at : at + frame]
            level_db = 10 * np.log10(np.mean(block**2) + 1e-12)
            wanted = float(np.clip(20 * np.log10(SPEECH) - level_db, -10, 30))
            gain_db += (wanted - gain_db) * (0.4 if wanted < gain_db else 0.0125)
            out[channel, at : at + frame] = block * 10 ** (gain_db / 20)
    return np.clip(out, -1, 1)


def comfort_noise(call: synth.Call, audio: np.ndarray, seed: int) -> np.ndarray:
    """A made-up noise stands in for the line's between words, from 160 ms behind them, 8 dB quieter."""
    noise = np.random.default_rng(seed)
    sent = np.zeros(audio.shape, dtype=bool)
    for spoken in call.turns + call.backchannels:
        until = spoken.end + synth.RATE * 16 // 100
        sent[0 if spoken.speaker == "caller" else 1, spoken.start : until] = True
    made_up = noise.standard_normal(audio.shape) * SPEECH * 10 ** (-48 / 20)
    return np.where(sent, audio, made_up)
