#!/usr/bin/env python3
"""Sends spans at a fixed rate for as long as they last, and meanwhile asks how soon a trace is found.

What a burst does not show: whether the log, the lake and the catalog keep up with what is acknowledged.
The loader holds all spans in memory before it begins, about 0.9 GB for a million.
"""

from __future__ import annotations

import pathlib
import subprocess
import tempfile
import time

from ingest import KEY, Server, find_otlpload, loader, parser_for, settle


def main() -> None:
    parser = parser_for(__doc__)
    parser.add_argument("--spans", type=int, default=10_000_000, help="spans in all")
    parser.add_argument("--rate", type=int, default=150_000, help="spans a second")
    options = parser.parse_args()
    otlpload = find_otlpload(options.otlpload)
    header = f"x-cekura-api-key={KEY}"
    with tempfile.TemporaryDirectory(prefix="callscope-bench-") as folder:
        data = pathlib.Path(folder, "data")
        server = Server(options.binary, data)
        arguments = ["load", "-target", server.grpc, "-H", header, "-conns", "4"]
        arguments += ["-spans", str(options.spans), "-rate", str(options.rate), "-pid", server.pid]
        json = pathlib.Path(folder, "load.json")
        load = subprocess.Popen([otlpload, *arguments, "-json", json], stdout=subprocess.DEVNULL)
        while server.cpu_s() < 1 and load.poll() is None:
            time.sleep(0.2)  # the loader is still making its spans
        found_ms = []
        while load.poll() is None:
            probe = loader(
                otlpload,
                *("visible", "-target", server.grpc, "-url", server.http + "/api/v1/traces/{id}"),
                *("-H", header, "-count-substr", '"span_id":', "-n", "5"),
            )
            found_ms.append(probe["visible_p50_ms"])
        rest = settle(otlpload, server, data)
        print(json.read_text().strip())
        print(f"a trace is found after (worst of {len(found_ms)} medians of 5), ms: {max(found_ms):.0f}")
        print(
            f"settled after {rest['settled_s']:.1f} s, bytes a span {rest['alloc_bytes'] / options.spans:.1f}"
        )
        print(f"server CPU a span, us: {server.cpu_s() / options.spans * 1e6:.1f}")
        server.stop()


if __name__ == "__main__":
    main()
