#!/usr/bin/env python3
"""Measures ingest, lookup and disk use of a release build with otlpload and prints them as a table.

Each run starts a server on a new data folder, sends synthetic voice calls over gRPC, waits until the
server is at rest, reads traces back, and counts what a kill -9 in the middle of the load lost.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "cs_bench_key"
CACHE = pathlib.Path(os.environ.get("CALLSCOPE_CACHE", pathlib.Path.home() / ".cache" / "callscope"))


class Peer:
    """A server under load: a process, where it listens, and how a trace is asked for."""

    process: subprocess.Popen
    grpc: str
    http: str
    trace_path = "/api/v1/traces/{id}"

    @property
    def pid(self) -> str:
        return str(self.process.pid)

    def rss_mb(self) -> float:
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu_s(self) -> float:
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Server(Peer):
    """A server of the release build on a data folder, with ports of its own."""

    def __init__(self, binary: pathlib.Path, data: pathlib.Path) -> None:
        environment = {**os.environ, "CALLSCOPE_BOOTSTRAP_KEY": KEY}
        started = time.monotonic()
        self.process = subprocess.Popen(
            [binary, "serve", "--data", data, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        for line in self.process.stdout:
            match = re.match(r"ready grpc=(\S+) http=(\S+)", line)
            if match:
                self.ready_ms = (time.monotonic() - started) * 1e3
                self.grpc, self.http = match.groups()
                return
        raise SystemExit("the server did not become ready")

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(self.http + path, headers={"x-cekura-api-key": KEY})
        with urllib.request.urlopen(request) as response:
            return response.read()


def find_otlpload(given: str | None) -> str:
    """The loader's path: as given, on PATH, or built from OTLPLOAD_SOURCE into the cache folder."""
    found = given or os.environ.get("OTLPLOAD") or shutil.which("otlpload")
    if found:
        return found
    source = os.environ.get("OTLPLOAD_SOURCE", str(ROOT.parent / "shared" / "bench" / "otlpload"))
    if not pathlib.Path(source, "go.mod").exists():
        raise SystemExit("otlpload not found: give --otlpload PATH, or its source folder in OTLPLOAD_SOURCE")
    binary = CACHE / "otlpload"
    CACHE.mkdir(parents=True, exist_ok=True)
    subprocess.run(["go", "build", "-o", binary, "."], cwd=source, check=True)
    return str(binary)


def loader(otlpload: str, *arguments: str) -> dict:
    """Runs the loader and returns the JSON line it appends."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as result:
        done = subprocess.run([otlpload, *arguments, "-json", result.name], capture_output=True, text=True)
        lines = result.read().splitlines()
        if not lines:
            raise SystemExit(f"otlpload {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return json.loads(lines[-1])


def settle(otlpload: str, server: Peer, data: pathlib.Path) -> dict[str, float]:
    out = subprocess.run(
        [otlpload, "settle", "-pid", server.pid, "-dir", str(data), "-quiet", "10"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {key: float(value) for key, value in re.findall(r"(\w+)=([\d.]+)", out)}


def measure_load(otlpload: str, peer: Peer, data: pathlib.Path, spans: int, seed: int) -> dict[str, float]:
    """Loads the peer, waits until it is at rest, and reads traces back."""
    ids = str(data.parent / "ids.tsv")
    header = ["-H", f"x-cekura-api-key={KEY}"]
    row = {"RSS idle, MB": peer.rss_mb()}
    load = loader(
        otlpload,
        *("load", "-target", peer.grpc, *header, "-conns", "4", "-spans", str(spans)),
        *("-seed", str(seed), "-ids", ids, "-pid", peer.pid),
    )
    row["acknowledged spans/s"] = load["spans_per_s"]
    row["p99 of the acknowledgement, ms"] = load["p99_ms"]
    row["RSS peak, MB"] = load["server_peak_rss_mb"]
    row["noise: other processes, cores"] = load["other_cpu_share"]
    rest = settle(otlpload, peer, data)
    row["settled after, s"] = rest["settled_s"]
    row["server CPU per span, us"] = peer.cpu_s() / spans * 1e6
    row["bytes on disk per span"] = rest["alloc_bytes"] / spans
    trace = ["-url", peer.http + peer.trace_path, *header, "-count-substr", '"span_id":']
    read = loader(otlpload, "query", *trace, "-ids", ids, "-n", "500")
    row["trace by id p50, ms"], row["trace by id p99, ms"] = read["p50_ms"], read["p99_ms"]
    row["spans lost"], row["spans doubled"] = read["lost"], read["surplus"]
    visible = loader(otlpload, "visible", "-target", peer.grpc, *trace, "-n", "10")
    row["visible after p50, ms"] = visible["visible_p50_ms"]
    return row


def one_run(otlpload: str, binary: pathlib.Path, spans: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="callscope-bench-") as folder:
        data = pathlib.Path(folder, "data")
        server = Server(binary, data)
        row = measure_load(otlpload, server, data, spans, seed)
        question = "/api/v1/stats/latency?stage=llm&group_by=model"
        server.get(question)
        times = []
        for _ in range(10):
            started = time.monotonic()
            server.get(question)
            times.append((time.monotonic() - started) * 1e3)
        row["p95 of LLM latency by model, ms"] = statistics.median(times)
        server.stop()
        again = Server(binary, data)
        row["ready with a full store, ms"] = again.ready_ms
        again.stop()
    return row


def crash_run(otlpload: str, binary: pathlib.Path, spans: int, seed: int) -> dict[str, float]:
    header = f"x-cekura-api-key={KEY}"
    with tempfile.TemporaryDirectory(prefix="callscope-bench-") as folder:
        data = pathlib.Path(folder, "data")
        ids = str(pathlib.Path(folder, "ids.tsv"))
        server = Server(binary, data)
        loader(
            otlpload,
            *("load", "-target", server.grpc, "-H", header, "-conns", "4", "-spans", str(spans)),
            *("-seed", str(seed), "-ids", ids, "-pid", server.pid),
            *("-kill-at", "0.5", "-stop-after-errors", "20"),
        )
        server.process.wait()
        again = Server(binary, data)
        read = loader(
            otlpload,
            *("query", "-url", again.http + again.trace_path, "-H", header),
            *("-ids", ids, "-n", "0", "-c", "2", "-count-substr", '"span_id":'),
        )
        again.stop()
        return {"lost by kill -9": read["lost"], "doubled by kill -9": read["surplus"]}


def parser_for(description: str | None) -> argparse.ArgumentParser:
    """The options that every measurement here takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--otlpload", help="path of the load generator's binary")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/bin/callscope")
    return parser


def print_medians(rows: list[dict[str, float]]) -> dict[str, float]:
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    for name, value in medians.items():
        print(f"| {name} | {value:,.1f} |")
    return medians


def main() -> None:
    parser = parser_for(__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000, help="spans of one run")
    parser.add_argument("--runs", type=int, default=3, help="runs; medians are printed")
    parser.add_argument("--json", type=pathlib.Path, help="also write the medians to this file")
    options = parser.parse_args()
    otlpload = find_otlpload(options.otlpload)
    rows = []
    for run in range(options.runs):
        print(f"run {run + 1} of {options.runs} …", file=sys.stderr)
        row = one_run(otlpload, options.binary, options.spans, run + 1)
        row |= crash_run(otlpload, options.binary, options.spans // 2, run + 100)
        rows.append(row)
    print(
        f"\n{platform.machine()}, {os.cpu_count()} cores, {options.spans} spans, median of {options.runs} runs\n"
    )
    medians = print_medians(rows)
    if options.json:
        options.json.write_text(json.dumps(medians, indent=2) + "\n")


if __name__ == "__main__":
    main()
