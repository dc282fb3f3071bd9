"""Packs a built server as a wheel: pip install callscope_server-….whl && callscope serve.

    python3 tools/pack_server_wheel.py [--binary build/release/bin/callscope] [--out build/wheels]

The wheel holds the binary and the shared libraries it was linked with, but for those of the C library,
and is for Linux of the same processor with that C library or a newer one. It needs no Python package.
"""

import argparse
import base64
import hashlib
import os
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "callscope_server"
# What belongs to the C library, and with it to the machine.
OF_THE_MACHINE = re.compile(r"^(ld-linux|libc|libm|libdl|libpthread|librt|libresolv|libutil|libanl)[-.]")
LAUNCHER = '''"""Runs the server that this package carries."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    binary = HERE / "bin" / "callscope"
    own = [str(HERE / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    environment = dict(os.environ, LD_LIBRARY_PATH=":".join(path for path in own if path))
    os.execve(binary, ["callscope", *sys.argv[1:]], environment)


if __name__ == "__main__":
    main()
'''


def libraries(binary: Path) -> list[tuple[str, Path]]:
    """Returns name and file of every library that has to go along."""
    told = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=True).stdout
    missing = re.findall(r"^\s*(\S+) => not found", told, re.MULTILINE)
    if missing:
        sys.exit(f"libraries are missing: {' '.join(missing)}")
    found = re.findall(r"^\s*(\S+) => (/\S+)", told, re.MULTILINE)
    return [(name, Path(path)) for name, path in found if not OF_THE_MACHINE.match(name)]


def version_of(binary: Path) -> str:
    told = subprocess.run([str(binary), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+\.\d+\.\d+", told)
    if found is None:
        sys.exit(f"the binary does not tell its version: {told!r}")
    return found[0]


def platform_tag() -> str:
    """Returns the tag of machines that have this C library or a newer one."""
    name, version = platform.libc_ver()
    if name != "glibc":
        sys.exit("the server is packed on Linux with the GNU C library")
    return f"manylinux_{version.replace('.', '_')}_{platform.machine()}"


class Wheel:
    """Writes the files and keeps the record of them."""

    def __init__(self, path: Path, level: int) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level)
        self._record: list[str] = []

    def add(self, name: str, data: bytes, *, executable: bool = False) -> None:
        # A fixed date: the same input makes the same wheel.
        entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100755 if executable else 0o100644) << 16
        self._zip.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self._record.append(f"{name},sha256={digest},{len(data)}")

    def close(self, info: str) -> None:
        record = f"{info}/RECORD"
        self._zip.writestr(record, "\n".join([*self._record, f"{record},,", ""]))
        self._zip.close()


def pack(binary: Path, out: Path, level: int = 6) -> Path:
    version, tag = version_of(binary), f"py3-none-{platform_tag()}"
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{PACKAGE}-{version}-{tag}.whl"
    info = f"{PACKAGE}-{version}.dist-info"
    wheel = Wheel(path, level)
    wheel.add(f"{PACKAGE}/__init__.py", LAUNCHER.encode())
    wheel.add(f"{PACKAGE}/__main__.py", b"from callscope_server import main\n\nmain()\n")
    wheel.add(f"{PACKAGE}/bin/callscope", binary.read_bytes(), executable=True)
    for name, library in libraries(binary):
        wheel.add(f"{PACKAGE}/lib/{name}", library.read_bytes())
    readme = "The Callscope server, a flight recorder for voice agents: `callscope serve`.\n"
    metadata = (
        f"Metadata-Version: 2.4\nName: callscope-server\nVersion: {version}\n"
        "Summary: Callscope: a self-hosted flight recorder for voice agents\n"
        "License-Expression: Apache-2.0\nLicense-File: LICENSE\nRequires-Python: >=3.10\n"
        f"Description-Content-Type: text/markdown\n\n{readme}"
    )
    wheel.add(f"{info}/METADATA", metadata.encode())
    wheel.add(
        f"{info}/WHEEL",
        f"Wheel-Version: 1.0\nGenerator: callscope\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    )
    wheel.add(f"{info}/entry_points.txt", b"[console_scripts]\ncallscope = callscope_server:main\n")
    wheel.add(f"{info}/licenses/LICENSE", (ROOT / "LICENSE").read_bytes())
    wheel.close(info)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Packs a built server as a wheel.")
    default = os.environ.get("CALLSCOPE_BIN", ROOT / "build" / "release" / "bin" / "callscope")
    parser.add_argument("--binary", type=Path, default=Path(default))
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "wheels")
    given = parser.parse_args()
    if not given.binary.exists():
        sys.exit(f"{given.binary} is not built: run ./dev build")
    path = pack(given.binary, given.out)
    print(f"{path} {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
