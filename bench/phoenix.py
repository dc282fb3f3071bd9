#!/usr/bin/env python3
"""Puts the same load on Phoenix and on a release build, one after the other, and prints both.

Phoenix (`pip install arize-phoenix` into an environment of its own) takes about 1,000 spans a second
here, so the load is small for us: bench/ingest.py has our own figures.
"""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.request

from ingest import Peer, Server, find_otlpload, measure_load, parser_for, print_medians

START_SECONDS = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Phoenix(Peer):
    trace_path = "/v1/projects/default/spans/otlpv1?trace_id={id}&limit=1000"

    def __init__(self, command: pathlib.Path, data: pathlib.Path) -> None:
        http, grpc = free_port(), free_port()
        self.http, self.grpc = f"http://127.0.0.1:{http}", f"127.0.0.1:{grpc}"
        data.mkdir()
        environment = {
            **os.environ,
            "PHOENIX_WORKING_DIR": str(data),
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(http),
            "PHOENIX_GRPC_PORT": str(grpc),
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }
        self.process = subprocess.Popen(
            [command, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(self.http + "/healthz", timeout=5).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit("Phoenix did not become ready") from None
                time.sleep(0.5)


def main() -> None:
    parser = parser_for(__doc__)
    parser.add_argument("phoenix", type=pathlib.Path, help="path of its command `phoenix`")
    parser.add_argument("--spans", type=int, default=20_000, help="spans of one run")
    options = parser.parse_args()
    otlpload = find_otlpload(options.otlpload)
    for name, start in (
        ("Callscope", lambda data: Server(options.binary, data)),
        ("Phoenix", lambda data: Phoenix(options.phoenix, data)),
    ):
        with tempfile.TemporaryDirectory(prefix="callscope-bench-") as folder:
            data = pathlib.Path(folder, "data")
            peer = start(data)
            print(f"\n{name}, {options.spans} spans\n")
            print_medians([measure_load(otlpload, peer, data, options.spans, seed=1)])
            peer.stop()


if __name__ == "__main__":
    main()
