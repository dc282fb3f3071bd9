"""The wheel that carries the server: unpacked anywhere it runs, with the libraries it brought along.

Python stands in for the server, which would take seconds to pack.
"""

import platform
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from pack_server_wheel import pack  # noqa: E402


def test_the_server_runs_from_its_wheel(tmp_path: Path) -> None:
    wheel = pack(Path(sys.executable).resolve(), tmp_path, level=0)
    with zipfile.ZipFile(wheel) as archive:
        record = next(name for name in archive.namelist() if name.endswith("RECORD"))
        listed = [line.split(",")[0] for line in archive.read(record).decode().splitlines()]
        assert sorted(listed) == sorted(archive.namelist())
        for entry in archive.infolist():
            path = Path(archive.extract(entry, tmp_path / "site"))
            path.chmod(entry.external_attr >> 16 & 0o777 or 0o644)
    told = subprocess.run(
        [sys.executable, "-m", "callscope_server", "--version"],
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert told.stdout.strip() == f"Python {platform.python_version()}"
