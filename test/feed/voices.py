"""Two-channel recordings of stories, spoken by espeak-ng: the caller left, the agent right."""

import functools
import io
import subprocess
import wave

import numpy
import soundfile
from dialogues import Dialogue
from story import Spoken, Story, tell

# espeak-ng's own.
RATE = 22_050
# Where a sentence begins and ends: within 40 dB of its loudest.
QUIETEST = 0.01
FADE_SAMPLES = 200
CALLER, AGENT = 0, 1


@functools.cache
def say(voice: str, text: str) -> numpy.ndarray:
    """Returns the samples of a text, without the silence around them."""
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", "165", "--stdout", text], check=True, capture_output=True
    )
    samples = numpy.frombuffer(done.stdout[44:], "<i2").astype(numpy.float32)
    loud = numpy.nonzero(numpy.abs(samples) > QUIETEST * numpy.abs(samples).max())[0]
    return samples[loud[0] : loud[-1] + 1]


def seconds(voice: str, text: str) -> float:
    return len(say(voice, text)) / RATE


def spoken_story(dialogue: Dialogue) -> Story:
    return tell(dialogue, seconds)


def record(story: Story, *, starts: float = 0) -> numpy.ndarray:
    """Returns int16 samples, [n, 2]; sample 0 is at `starts` seconds of the story."""
    sound = numpy.zeros((2, int((story.end - starts) * RATE)), numpy.float32)

    def put(channel: int, voice: str, words: Spoken) -> None:
        samples = say(voice, words.text)
        samples = samples[: int((words.heard_until - words.start) * RATE)].copy()
        samples[-FADE_SAMPLES:] *= numpy.linspace(1, 0, FADE_SAMPLES)
        at = int((words.start - starts) * RATE)
        sound[channel, at : at + len(samples)] += samples

    dialogue = story.dialogue
    put(AGENT, dialogue.agent_voice, story.greeting)
    for turn in story.turns:
        put(CALLER, dialogue.caller_voice, turn.caller)
        put(AGENT, dialogue.agent_voice, turn.agent)
    noise = numpy.random.default_rng(7).normal(0, 6, sound.shape)
    return numpy.clip(sound * 0.7 + noise, -32767, 32767).astype("<i2").T


def wav(samples: numpy.ndarray) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def flac(samples: numpy.ndarray) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, RATE, format="FLAC")
    return out.getvalue()
