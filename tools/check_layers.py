"""Holds every #include in src/ to tools/layers.txt.

A room may include itself and the rooms named behind it; of another room only its top-level
headers, for its subfolders are private to it unless one is named, as in `store/catalog`. Our own headers are included as "room/file.h".
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def read_layers(path: Path) -> dict[str, set[str]]:
    layers: dict[str, set[str]] = {}
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        room, _, below = line.partition(":")
        unknown = {name.split("/")[0] for name in below.split()} - set(layers)
        if unknown:
            sys.exit(f"{path}: {room} may not name {', '.join(sorted(unknown))} before it is listed")
        layers[room] = set(below.split())
    return layers


def check_include(room: str, included: str, layers: dict[str, set[str]]) -> str | None:
    """Returns what is wrong with the include, or None."""
    parts = included.split("/")
    target = parts[0]
    if target == room:
        return None
    if target not in layers:
        beside = (ROOT / "src" / room).rglob(parts[-1])
        return f'write "{room}/…/{included}"' if len(parts) == 1 and any(beside) else None
    if target not in layers[room]:
        return f"{room} may not include {target}"
    if len(parts) > 2 and "/".join(parts[:-1]) not in layers[room]:
        return f"{included} is private to {target}"
    return None


def main() -> int:
    layers = read_layers(ROOT / "tools" / "layers.txt")
    problems = []
    for folder in sorted(p for p in (ROOT / "src").iterdir() if p.is_dir()):
        if folder.name not in layers:
            problems.append(f"src/{folder.name}: not in tools/layers.txt")
            continue
        if not (folder / "README.md").exists():
            problems.append(f"src/{folder.name}: a room has a README.md")
        for file in sorted(folder.rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                problem = match and check_include(folder.name, match.group(1), layers)
                if problem:
                    problems.append(f"{file.relative_to(ROOT)}:{number}: {problem}")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
