"""Synthetic two-channel calls whose every edge is known to the sample.

Sentences are spoken by espeak-ng and flite in several voices, cut to where their sound begins and ends,
and laid on two channels along a plan: who speaks when, with pauses, gaps, overlaps and backchannels. The
plan is the truth that a measurement is compared with.
"""

from __future__ import annotations

import dataclasses
import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000
# Where a sentence begins and ends: its frames of 5 ms within 40 dB of its loudest.
EDGE_DB = -40.0

CALLER_VOICES = ["espeak:en-us+f3", "espeak:en-gb+m3", "flite:slt", "flite:awb", "espeak:en-gb-scotland"]
AGENT_VOICES = ["flite:rms", "flite:kal16", "espeak:en-us+m1", "espeak:en-gb-x-rp+f2", "flite:slt"]

CALLER_LINES = [
    "I would like to book an appointment for next week.",
    "Yes.",
    "No, that does not work for me.",
    "My name is Jonathan Miller and I was born in nineteen eighty two.",
    "Could you tell me what the fee is?",
    "Tuesday at three.",
    "Hmm, let me think about it for a moment. I suppose Thursday would be better for us.",
    "It is seven four nine, two two one, zero six.",
    "I already called last week about this and nobody ever called me back.",
    "Okay, thank you.",
    "What do I have to bring with me?",
    "Please send it to my mother's address instead.",
]
AGENT_LINES = [
    "Thank you for calling the clinic. How can I help you today?",
    "Of course. Could you give me your full name and your date of birth, please?",
    "I have an opening on Tuesday at three, or on Wednesday morning at half past nine. Which one suits you?",
    "Let me check that for you.",
    "You are all set. Is there anything else that I can do for you?",
    "The fee for a first visit is forty five dollars, and your insurance usually covers all of it.",
    "I am sorry to hear that. I will make a note so that somebody calls you this afternoon.",
    "Please bring your insurance card, a list of the medicines you take, and arrive ten minutes early.",
    "Sure.",
    "Your appointment is confirmed, and you will get a message with all the details shortly.",
]
BACKCHANNELS = ["Yeah.", "Okay.", "Uh huh.", "Right."]


@dataclasses.dataclass
class Spoken:
    """One stretch of speech as it was laid down."""

    speaker: str
    start: int
    end: int
    kind: str = "turn"  # or "backchannel"


@dataclasses.dataclass
class Call:
    audio: np.ndarray  # [2, samples] at RATE: caller, agent
    turns: list[Spoken]
    backchannels: list[Spoken]


class Voices:
    """Sentences by voice, each made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[tuple[str, str], np.ndarray] = {}

    def say(self, voice: str, text: str) -> np.ndarray:
        key = (voice, text)
        if key not in self._made:
            self._made[key] = self._speak(voice, text)
        return self._made[key]

    def _speak(self, voice: str, text: str) -> np.ndarray:
        engine, _, name = voice.partition(":")
        with tempfile.NamedTemporaryFile(suffix=".wav", dir=self._folder) as out:
            if engine == "espeak":
                command = ["espeak-ng", "-v", name, "-s", "160", "-w", out.name, text]
            else:
                command = ["flite", "-voice", name, "-t", text, "-o", out.name]
            subprocess.run(command, check=True, capture_output=True)
            samples, rate = soundfile.read(out.name)
        return trim(resample(samples, rate, RATE))


def resample(samples: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    """Changes the rate by cutting or extending the spectrum: exact for whole files."""
    if from_rate == to_rate:
        return samples
    length = round(len(samples) * to_rate / from_rate)
    spectrum = np.fft.rfft(samples)
    bins = length // 2 + 1
    changed = np.zeros(bins, dtype=complex)
    kept = min(bins, len(spectrum))
    changed[:kept] = spectrum[:kept]
    return np.fft.irfft(changed, length) * (length / len(samples))


def trim(samples: np.ndarray) -> np.ndarray:
    frame = RATE // 200
    power = np.array([np.mean(samples[i : i + frame] ** 2) for i in range(0, len(samples) - frame, frame)])
    loud = np.nonzero(power > power.max() * 10 ** (EDGE_DB / 10))[0]
    cut = samples[loud[0] * frame : (loud[-1] + 1) * frame]
    return cut / np.sqrt(np.mean(cut**2)) * 0.06


def make_call(voices: Voices, seed: int, turns: int = 16) -> Call:
    """Lays out one call."""
    rng = random.Random(seed)
    voice = {"caller": rng.choice(CALLER_VOICES), "agent": rng.choice(AGENT_VOICES)}
    laid: list[tuple[Spoken, np.ndarray]] = []
    at = round(rng.uniform(0.4, 1.5) * RATE)
    speaker = "agent"
    last: Spoken | None = None
    for index in range(turns):
        lines = AGENT_LINES if speaker == "agent" else CALLER_LINES
        sound = voices.say(voice[speaker], AGENT_LINES[0] if index == 0 else rng.choice(lines))
        if rng.random() < 0.25:
            pause = np.zeros(round(rng.uniform(0.3, 1.1) * RATE))
            sound = np.concatenate([sound, pause, voices.say(voice[speaker], rng.choice(lines))])
        start = at
        if last is not None:
            if speaker == "agent":
                start = last.end + round(
                    rng.choice([0.25, 0.5, 0.8, 1.2, 2.0, 2.8]) * RATE * rng.uniform(0.8, 1.2)
                )
            elif rng.random() < 0.2 and last.end - last.start > 3 * RATE:
                # The caller barges in, and the agent stops.
                start = last.start + round((last.end - last.start) * rng.uniform(0.5, 0.8))
                stop = start + round(rng.uniform(0.3, 0.9) * RATE)
                before = np.abs(laid[-1][1][start - last.start - RATE // 10 : start - last.start])
                if stop < last.end and before.mean() > 0.001 and len(sound) > stop - start + RATE // 2:
                    cut = laid[-1][1][: stop - last.start].copy()
                    cut[-80:] *= np.linspace(1, 0, 80)
                    last.end = stop
                    laid[-1] = (last, cut)
                else:
                    start = last.end + round(0.3 * RATE)
            else:
                start = last.end + round(rng.uniform(-0.15, 1.2) * RATE)
        last = Spoken(speaker, start, start + len(sound))
        laid.append((last, sound))
        at = last.end
        speaker = "caller" if speaker == "agent" else "agent"
    backchannels = []
    for index, (turn, sound) in enumerate(list(laid)):
        if turn.kind != "turn" or turn.end - turn.start < 5 * RATE or rng.random() > 0.5:
            continue
        listener = "caller" if turn.speaker == "agent" else "agent"
        token = voices.say(voice[listener], rng.choice(BACKCHANNELS))
        start = place_over_speech(rng, sound, len(token))
        if start is None:
            continue
        start += turn.start
        after = laid[index + 1][0].start if index + 1 < len(laid) else start + 9 * RATE
        if after - start - len(token) < 2.2 * RATE:
            continue
        laid.append((Spoken(listener, start, start + len(token), "backchannel"), token))
        backchannels.append(laid[-1][0])
    length = max(spoken.end for spoken, _ in laid) + RATE
    audio = np.zeros((2, length))
    for spoken, sound in laid:
        audio[0 if spoken.speaker == "caller" else 1, spoken.start : spoken.end] += sound
    spoken_turns = [spoken for spoken, _ in laid if spoken.kind == "turn"]
    return Call(audio, sorted(spoken_turns, key=lambda s: s.start), backchannels)


def place_over_speech(rng: random.Random, sound: np.ndarray, length: int) -> int | None:
    """Finds a place for a token while the other talks on. One in a pause would be, to any ear that does
    not understand it, an answer."""
    for _ in range(20):
        start = round(len(sound) * rng.uniform(0.3, 0.6))
        around = np.abs(sound[max(0, start - RATE // 5) : start + length + round(0.7 * RATE)])
        silent = np.convolve(around > 0.001, np.ones(RATE // 8), mode="valid") == 0
        if start + length + RATE < len(sound) and not silent.any():
            return start
    return None


# --- What happens to a call on its way --------------------------------------------------------------


def pink_noise(length: int, rng: np.random.Generator) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / RATE)
    spectrum /= np.sqrt(np.maximum(frequency, 20))
    noise = np.fft.irfft(spectrum, length)
    return noise / np.sqrt(np.mean(noise**2))


def add_noise(audio: np.ndarray, snr_db: float, seed: int) -> np.ndarray:
    """Pink noise on both channels; every sentence has the same power, to which the ratio refers."""
    rng = np.random.default_rng(seed)
    level = 0.06 * 10 ** (-snr_db / 20)
    return audio + np.stack([pink_noise(audio.shape[1], rng) * level for _ in range(2)])


def add_bleed(audio: np.ndarray, level_db: float, delay_ms: float) -> np.ndarray:
    """Each channel hears the other, later and quieter."""
    delay = round(delay_ms / 1000 * RATE)
    leaked = np.zeros_like(audio)
    leaked[:, delay:] = audio[::-1, : audio.shape[1] - delay] * 10 ** (level_db / 20)
    return audio + leaked


def lose_packets(audio: np.ndarray, a_second: float, seed: int) -> np.ndarray:
    """Silences 40 ms at random places."""
    rng = np.random.default_rng(seed)
    lost = audio.copy()
    size = round(0.04 * RATE)
    for channel in lost:
        for _ in range(round(len(channel) / RATE * a_second)):
            start = rng.integers(0, len(channel) - size)
            channel[start : start + size] = 0
    return lost


def write(path: Path, audio: np.ndarray, condition: str) -> None:
    if condition == "telephone":
        narrow = np.stack([resample(channel, RATE, 8_000) for channel in audio])
        soundfile.write(path, narrow.T, 8_000, subtype="ULAW")
    elif condition == "opus":
        soundfile.write(path, audio.T, RATE, format="OGG", subtype="OPUS")
    else:
        soundfile.write(path, np.clip(audio, -1, 1).T, RATE, subtype="PCM_16")


def degrade(audio: np.ndarray, condition: str, seed: int) -> np.ndarray:
    if condition == "noise20":
        return add_noise(audio, 20, seed)
    if condition == "noise10":
        return add_noise(audio, 10, seed)
    if condition == "bleed":
        return add_bleed(add_noise(audio, 50, seed), -22, 45)
    if condition == "gaps":
        return lose_packets(audio, 0.5, seed)
    return audio


CONDITIONS = ["clean", "telephone", "opus", "noise20", "noise10", "bleed", "gaps"]
