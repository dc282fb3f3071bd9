"""Times the analysis of an hour of two-channel audio on one core, and its memory."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import synth


def hour(voices: synth.Voices, seconds: int) -> np.ndarray:
    """Returns calls in a row until the time is filled."""
    parts = []
    length = 0
    seed = 0
    while length < seconds * synth.RATE:
        parts.append(synth.make_call(voices, seed).audio.astype(np.float32))
        length += parts[-1].shape[1]
        seed = (seed + 1) % 20
    return np.concatenate(parts, axis=1)[:, : seconds * synth.RATE]


def measure(command: list[str], out: BinaryIO | int = subprocess.DEVNULL) -> tuple[float, float, float]:
    """Returns CPU seconds, wall seconds and the largest resident size in MB of one run on one core."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=out)
    os.sched_setaffinity(process.pid, {os.cpu_count() - 1})
    status = Path(f"/proc/{process.pid}/status")
    largest = 0.0
    # The kernel's own figure would count this program, from which the other was forked.
    while not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                largest = max(largest, int(line.split()[1]) / 1024)
        time.sleep(0.05)
    _, code, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started, largest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callscope", default="build/release/bin/callscope")
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    bare = Path(options.callscope).name != "callscope"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        audio = hour(synth.Voices(folder), options.minutes * 60)
        noisy = audio + np.random.default_rng(3).standard_normal(audio.shape).astype(np.float32) * 3e-4
        files = {
            "16 kHz WAV": (folder / "a.wav", 16_000, {"subtype": "PCM_16"}),
            "8 kHz mu-law WAV": (folder / "b.wav", 8_000, {"subtype": "ULAW"}),
            "48 kHz Opus": (folder / "c.ogg", 48_000, {"format": "OGG", "subtype": "OPUS"}),
            "48 kHz FLAC": (folder / "d.flac", 48_000, {"subtype": "PCM_16"}),
        }
        print(f"{options.minutes} min, two channels       wall s   CPU s   x real time   RSS MB   load")
        for name, (path, rate, how) in files.items():
            with soundfile.SoundFile(path, "w", rate, 2, **how) as out:
                for at in range(0, noisy.shape[1], 60 * synth.RATE):
                    block = noisy[:, at : at + 60 * synth.RATE]
                    out.write(
                        np.stack([synth.resample(c, synth.RATE, rate) for c in block]).T.astype(np.float32)
                    )
            command = [options.callscope, *([] if bare else ["audio", "analyze"]), str(path), "--json"]
            cpu, wall, rss = min(measure(command) for _ in range(options.runs))
            print(
                f"{name:24} {wall:10.1f} {cpu:7.1f} {options.minutes * 60 / cpu:13.0f} {rss:8.0f}"
                f" {os.getloadavg()[0]:6.1f}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
