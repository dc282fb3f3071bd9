"""Analyses calls made of people's recorded prompts, under what telephones do to them."""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import accuracy
import lines
import numpy as np
import soundfile
import synth

SOUNDS = Path("/usr/share/asterisk/sounds")
# One person each. A caller and an agent are never the same one.
PEOPLE = {
    "caller": ["it_IT_m_Carlo", "fr_CA_f_June", "ru_RU_f_IvrvoiceRU"],
    "agent": ["en_US_f_Allison", "es_MX_f_Allison"],
}
# What is not speech, or only partly.
NOT_SPEECH = ("silence/", "beep", "tone", "ascending", "descending", "confbridge-", "hello-world")
SENTENCE_S = (1.2, 12.0)
TOKEN_S = (0.25, 0.8)


class People:
    """Stands in for synth.Voices: each person's prompts, long for sentences and short for tokens."""

    def __init__(self, sounds: Path) -> None:
        self._prompts: dict[str, dict[str, list[Path]]] = {}
        self._made: dict[Path, np.ndarray] = {}
        for person in [*PEOPLE["caller"], *PEOPLE["agent"]]:
            prompts: dict[str, list[Path]] = {"sentence": [], "token": []}
            for path in sorted((sounds / person).rglob("*.wav")):
                if any(word in str(path.relative_to(sounds / person)) for word in NOT_SPEECH):
                    continue
                length = soundfile.info(path).duration
                if SENTENCE_S[0] <= length <= SENTENCE_S[1]:
                    prompts["sentence"].append(path)
                elif TOKEN_S[0] + 0.1 <= length <= TOKEN_S[1] + 0.3:
                    prompts["token"].append(path)
            if not prompts["sentence"]:
                raise SystemExit(f"no prompts in {sounds / person}")
            self._prompts[person] = prompts

    def say(self, voice: str, text: str) -> np.ndarray:
        kind = "token" if text in synth.BACKCHANNELS else "sentence"
        prompts = self._prompts[voice][kind]
        chosen = int(hashlib.sha256(text.encode()).hexdigest(), 16)
        for step in range(len(prompts)):
            sound = self._read(prompts[(chosen + step * 7) % len(prompts)])
            if kind == "sentence" or len(sound) <= TOKEN_S[1] * synth.RATE:
                return sound
        raise AssertionError(voice)

    def _read(self, path: Path) -> np.ndarray:
        if path not in self._made:
            samples, rate = soundfile.read(path)
            self._made[path] = synth.trim(synth.resample(samples, rate, synth.RATE))
        return self._made[path]


def make_call(people: People, seed: int) -> synth.Call:
    """Lays out a call by synth's plan, every line another prompt."""
    rng = random.Random(seed)
    before = synth.CALLER_VOICES, synth.AGENT_VOICES, synth.CALLER_LINES, synth.AGENT_LINES
    try:
        synth.CALLER_VOICES, synth.AGENT_VOICES = PEOPLE["caller"], PEOPLE["agent"]
        synth.CALLER_LINES = [f"{seed} caller {rng.random()}" for _ in range(12)]
        synth.AGENT_LINES = [f"{seed} agent {rng.random()}" for _ in range(12)]
        return synth.make_call(people, seed)
    finally:
        synth.CALLER_VOICES, synth.AGENT_VOICES, synth.CALLER_LINES, synth.AGENT_LINES = before


# --- Telephones --------------------------------------------------------------------------------------


def tones(frequencies: list[float], seconds: float, level: float) -> np.ndarray:
    time = np.arange(round(seconds * synth.RATE)) / synth.RATE
    return level * sum(np.sin(2 * np.pi * f * time) for f in frequencies)


def lay(
    call: synth.Call, audio: np.ndarray, speaker: str, sound: np.ndarray, share: float, seed: int
) -> None:
    rng = random.Random(seed)
    for place in lines.free_places(call, speaker, len(sound) / synth.RATE):
        if rng.random() < share:
            audio[0 if speaker == "caller" else 1, place : place + len(sound)] += sound


def breath(seconds: float, seed: int) -> np.ndarray:
    """Noise between 500 and 3000 Hz that swells and fades, 26 dB below speech."""
    rng = np.random.default_rng(seed)
    length = round(seconds * synth.RATE)
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / synth.RATE)
    spectrum[(frequency < 500) | (frequency > 3000)] = 0
    noise = np.fft.irfft(spectrum, length) * np.hanning(length)
    return noise / np.sqrt(np.mean(noise**2)) * 0.003


def music(seconds: float, seed: int) -> np.ndarray:
    """Chords of a few partials, each half a second, as loud as speech."""
    rng = random.Random(seed)
    parts = []
    for _ in range(round(seconds * 2)):
        root = rng.choice([220.0, 247.0, 262.0, 294.0, 330.0])
        notes = [root * ratio * k for ratio in (1, 1.26, 1.5) for k in (1, 2, 3)]
        chord = tones(notes, 0.5, 0.01) * np.exp(-np.linspace(0, 2, synth.RATE // 2))
        parts.append(chord)
    return np.concatenate(parts)


def silence_between(call: synth.Call, audio: np.ndarray) -> np.ndarray:
    """Nothing is sent from 160 ms behind the words until the next: the discontinuous transmission of
    telephones."""
    sent = np.zeros(audio.shape, dtype=bool)
    for spoken in call.turns + call.backchannels:
        sent[0 if spoken.speaker == "caller" else 1, spoken.start : spoken.end + synth.RATE * 16 // 100] = (
            True
        )
    return np.where(sent, audio, 0)


def degrade(call: synth.Call, condition: str, seed: int, voice: Callable[[str], np.ndarray]) -> np.ndarray:
    audio = call.audio.copy()
    line = synth.add_noise(audio, 45, seed)  # what every line has
    if condition == "quiet":
        return line * 10 ** (-30 / 20)
    if condition == "uneven":
        return np.stack([line[0] * 10 ** (-34 / 20), line[1] * 2])
    if condition == "silenced":
        return silence_between(call, synth.add_noise(audio, 40, seed))
    if condition == "crosstalk":
        return synth.add_bleed(line, -30, 2)
    if condition == "echo":
        return synth.add_bleed(line, -18, 180)
    if condition == "hum":
        hum = tones([50, 100, 150, 250], audio.shape[1] / synth.RATE, 0.006)[: audio.shape[1]]
        return synth.add_noise(audio, 25, seed) + hum
    if condition == "breath":
        lay(call, line, "caller", breath(0.5, seed), 0.7, seed)
        return line
    if condition == "keys":
        keys = [[770, 1336], [697, 1209], [941, 1477]]
        pressed = [np.concatenate([tones(key, 0.12, 0.08), np.zeros(1600)]) for key in keys]
        lay(call, line, "caller", np.concatenate(pressed), 0.7, seed)
        return line
    if condition == "hold":
        lay(call, line, "caller", music(3, seed), 0.5, seed)
        return line
    if condition == "ringing":
        rings = np.concatenate([tones([440, 480], 2, 0.05), np.zeros(synth.RATE * 2)])
        lay(call, line, "caller", rings[: 2 * synth.RATE], 0.4, seed)
        return line
    if condition == "cough":
        lay(call, line, "caller", lines.cough(0.6, seed), 0.6, seed)
        return line
    if condition == "canceller":
        return lines.canceller(call, line, seed)
    if condition == "second30":
        return lines.second_voice(line, voice, -30, seed)
    if condition == "babble":
        return lines.babble(line, voice, seed)
    if condition == "bumps":
        return lines.bumps(call, line, seed)
    if condition == "traffic":
        return lines.traffic(line, seed)
    if condition == "agc":
        return lines.gain_control(line)
    if condition == "comfort":
        return lines.comfort_noise(call, line, seed)
    return line


CONDITIONS = [
    "line",
    "quiet",
    "uneven",
    "silenced",
    "crosstalk",
    "echo",
    "hum",
    "breath",
    "keys",
    "hold",
    "ringing",
    "cough",
    "canceller",
    "second30",
    "babble",
    "bumps",
    "traffic",
    "agc",
    "comfort",
]


def writer(people: People) -> Callable[[Path, synth.Call, str, int], Path]:
    def write(path: Path, call: synth.Call, condition: str, seed: int) -> Path:
        bystander = PEOPLE["caller"][seed % len(PEOPLE["caller"])]
        audio = degrade(call, condition, seed, lambda text: people.say(bystander, text))
        if condition == "babble":
            path = path.with_suffix(".ogg")
            # Of libsndfile's levels the one that comes to 20 kb/s.
            soundfile.write(path, audio.T, synth.RATE, format="OGG", subtype="OPUS", compression_level=0.975)
        else:
            path = path.with_suffix(".wav")
            synth.write(path, audio, "telephone")
        return path

    return write


def main() -> int:
    parser = accuracy.parser_for(__doc__, CONDITIONS)
    parser.set_defaults(calls=10)
    parser.add_argument("--sounds", type=Path, default=SOUNDS, help="prompts of Asterisk")
    options = parser.parse_args()
    people = People(options.sounds)
    calls = [make_call(people, options.seed + i) for i in range(options.calls)]
    with tempfile.TemporaryDirectory() as scratch:
        accuracy.print_scores(options, CONDITIONS, calls, writer(people), Path(scratch))
    return 0


if __name__ == "__main__":
    sys.exit(main())
