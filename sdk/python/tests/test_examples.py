"""The examples run, and what they promise arrives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from callscope.testing import FakeServer

PACKAGE = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("command", "calls"),
    [
        ("pipecat_two_lines.py", 1),
        ("pipecat_consent.py", 1),
        ("pipecat_consent.py --refuse", 0),
        ("by_hand.py", 1),
    ],
)
def test_example(server: FakeServer, tmp_path: Path, command: str, calls: int) -> None:
    name, *arguments = command.split()
    environment = os.environ | {
        "PYTHONPATH": str(PACKAGE / "src"),
        "PYTHONWARNINGS": "ignore",
        "CALLSCOPE_URL": server.url,
        "CALLSCOPE_API_KEY": server.key,
        "CALLSCOPE_AGENT_ID": "1",
        "CALLSCOPE_SPOOL": str(tmp_path / "spool"),
    }
    done = subprocess.run(
        [sys.executable, str(PACKAGE / "examples" / name), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(server.payloads) == calls
    if not calls:
        assert server.requests == []
