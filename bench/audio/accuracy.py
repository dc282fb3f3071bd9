"""Analyses synthetic calls and compares turns and response latencies with the truth."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import synth

# A turn is found where it covers, or is covered by, half of a true one.
MATCH_SHARE = 0.5


def share(a: tuple[float, float], b: tuple[float, float]) -> float:
    both = min(a[1], b[1]) - max(a[0], b[0])
    return both / min(a[1] - a[0], b[1] - b[0])


def match(truth: list[synth.Spoken], found: list[dict]) -> tuple[list[tuple[synth.Spoken, dict]], int, int]:
    """Returns the pairs, and how many turns were missed and invented. Each turn is used once."""
    pairs = []
    left = list(found)
    for turn in truth:
        span = (turn.start / synth.RATE, turn.end / synth.RATE)
        candidates = [
            f
            for f in left
            if f["speaker"] == turn.speaker and share(span, (f["start_s"], f["end_s"])) >= MATCH_SHARE
        ]
        if candidates:
            best = max(candidates, key=lambda f: min(span[1], f["end_s"]) - max(span[0], f["start_s"]))
            left.remove(best)
            pairs.append((turn, best))
    return pairs, len(truth) - len(pairs), len(left)


def true_latencies(call: synth.Call) -> dict[int, float]:
    """Returns the response latency of each agent's turn that follows a caller's, by its start."""
    latencies = {}
    before = None
    for turn in call.turns:
        if (
            turn.speaker == "agent"
            and before is not None
            and before.speaker == "caller"
            and turn.start >= before.end
        ):
            latencies[turn.start] = (turn.start - before.end) / synth.RATE
        before = turn
    return latencies


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))] if ordered else float("nan")


class Score:
    def __init__(self) -> None:
        self.turns = self.missed = self.invented = self.unmeasured = 0
        self.latency: list[float] = []
        self.onset: list[float] = []
        self.offset: list[float] = []
        self.backchannels = self.backchannels_found = 0
        self.trouble: list[str] = []

    def add(self, name: str, call: synth.Call, result: dict) -> None:
        pairs, missed, invented = match(call.turns, result["turns"])
        self.turns += len(call.turns)
        self.missed += missed
        self.invented += invented
        if missed or invented:
            self.trouble.append(f"{name}: {missed} missed, {invented} invented")
        latencies = true_latencies(call)
        for turn, found in pairs:
            self.onset.append((found["start_s"] - turn.start / synth.RATE) * 1000)
            self.offset.append((found["end_s"] - turn.end / synth.RATE) * 1000)
            if turn.start in latencies:
                if found["response_latency_s"] is None:
                    self.unmeasured += 1
                    self.trouble.append(f"{name}: no latency at {turn.start / synth.RATE:.2f}")
                else:
                    self.latency.append((found["response_latency_s"] - latencies[turn.start]) * 1000)
        self.backchannels += len(call.backchannels)
        found = [e for e in result["events"] if e["type"] == "backchannel"]
        self.backchannels_found += sum(
            any(
                share((b.start / synth.RATE, b.end / synth.RATE), (e["start_s"], e["end_s"])) > 0.5
                for e in found
            )
            for b in call.backchannels
        )

    def row(self, condition: str) -> str:
        absolute = [abs(x) for x in self.latency]
        return (
            f"{condition:10} {self.turns:5} {self.missed:6} {self.invented:8} {self.unmeasured:10} "
            f"{statistics.median(self.latency):+7.0f} {statistics.median(absolute):7.0f} {percentile(absolute, 0.95):7.0f} "
            f"{statistics.median(self.onset):+7.0f} {percentile(self.onset, 0.05):+6.0f} {percentile(self.onset, 0.95):+6.0f} "
            f"{statistics.median(self.offset):+7.0f} {percentile(self.offset, 0.05):+6.0f} {percentile(self.offset, 0.95):+6.0f} "
            f"{self.backchannels_found:4}/{self.backchannels}"
        )


HEADER = (
    "condition  turns missed invented unmeasured    bias  median     p95   onset     5%    95%  offset     5%    95%  "
    "backchannels\n                                               --- latency, ms ---   ------ edges of turns, ms ------"
)


def parser_for(description: str | None, conditions: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--callscope",
        default="build/release/bin/callscope",
        help="the program, or one that takes its arguments",
    )
    parser.add_argument("--calls", type=int, default=20, help="calls a condition")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--condition", action="append", choices=conditions)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER")
    parser.add_argument("--keep", type=Path, help="folder to keep the recordings in")
    parser.add_argument("--verbose", action="store_true")
    return parser


def print_scores(
    options: argparse.Namespace,
    conditions: list[str],
    calls: list[synth.Call],
    write: Callable[[Path, synth.Call, str, int], Path],
    scratch: Path,
) -> None:
    """Analyses all calls in each condition. `write` makes the recording from a path without suffix, the
    call, the condition and a seed, and returns where it is."""
    folder = options.keep or scratch
    folder.mkdir(parents=True, exist_ok=True)
    bare = Path(options.callscope).name != "callscope"
    settings = [word for setting in options.set for word in ("--set", setting)]
    print(HEADER)
    for condition in options.condition or conditions:
        score = Score()
        for index, call in enumerate(calls):
            path = write(folder / f"{condition}-{index}", call, condition, options.seed + index)
            command = [options.callscope, *([] if bare else ["audio", "analyze"]), str(path)]
            command += ["--agent-channel", "1", "--json", *settings]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            score.add(path.name, call, json.loads(done.stdout))
        print(score.row(condition), flush=True)
        if options.verbose:
            print("\n".join(score.trouble))


def write_synthetic(path: Path, call: synth.Call, condition: str, seed: int) -> Path:
    path = path.with_suffix(".ogg" if condition == "opus" else ".wav")
    synth.write(path, synth.degrade(call.audio, condition, seed), condition)
    return path


def main() -> int:
    options = parser_for(__doc__, synth.CONDITIONS).parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        voices = synth.Voices(Path(scratch))
        calls = [synth.make_call(voices, options.seed + i) for i in range(options.calls)]
        print_scores(options, synth.CONDITIONS, calls, write_synthetic, Path(scratch))
    return 0


if __name__ == "__main__":
    sys.exit(main())
