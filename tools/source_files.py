"""Lists the files that belong to the repository, for the checks."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def source_files(*suffixes: str) -> Iterator[Path]:
    """Yields every file that git tracks or would add, of the given suffixes or of any."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in sorted(set(listed.split("\0")) - {""}):
        path = ROOT / name
        if path.is_file() and (not suffixes or path.suffix in suffixes):
            yield path
