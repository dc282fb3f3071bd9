"""Analyses a two-channel recording of a whole day: how much memory and time the program takes to its end."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
import speed
import synth

BLOCK_S = 600
RATE = 8_000


def write_recording(path: Path, voices: synth.Voices, hours: int) -> None:
    """Writes 16-bit samples at 8 kHz, ten minutes of calls over and over, without holding more of them."""
    audio = speed.hour(voices, BLOCK_S)
    audio += np.random.default_rng(3).standard_normal(audio.shape).astype(np.float32) * 3e-4
    narrow = np.stack([synth.resample(channel, synth.RATE, RATE) for channel in audio])
    block = (np.clip(narrow.T, -1, 1) * 32767).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        for _ in range(hours * 3600 // BLOCK_S):
            out.writeframesraw(block)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callscope", default="build/release/bin/callscope")
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument(
        "--outline", action="store_true", help="with the waveform's outline, as a server has it"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        recording, result, peaks = folder / "day.wav", folder / "day.json", folder / "day.peaks"
        write_recording(recording, synth.Voices(folder), options.hours)
        command = [options.callscope, "audio", "analyze", str(recording), "--json"]
        command += ["--peaks", str(peaks)] if options.outline else []
        with result.open("wb") as out:
            cpu, wall, rss = speed.measure(command, out)
        heard = json.loads(result.read_bytes())
        print(
            f"{heard['duration_s'] / 3600:.2f} h heard, {len(heard['turns'])} turns, "
            f"{result.stat().st_size / 1e6:.1f} MB of JSON\n"
            f"wall {wall:.0f} s, CPU {cpu:.0f} s, {heard['duration_s'] / cpu:.0f} x real time, "
            f"peak RSS {rss:.0f} MB, load {os.getloadavg()[0]:.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
