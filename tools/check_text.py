"""Refuses what no file of the repository may hold.

Addresses of package registries (packages are fetched by name, from wherever the machine gets them),
paths of one person's machine, and notes to self in code.
"""

import re
import sys

from source_files import ROOT, source_files

CODE = {".cc", ".h", ".cmake", ".py", ".ts", ".tsx", ".js", ".mjs", ".sh", ".css", ".proto", ".sql", ".toml"}
REGISTRY = re.compile(
    r"\b(?:https?:)?//[\w.-]*(?:registry|pypi|pythonhosted|npmjs|deb\.|debian\.org|crates|maven|proxy\.golang)",
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(r"(?<![\w.$}/~-])/(?:root|home/(?!USER|you\b)\w+|work)/")
NOTE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
BYTES_MAX = 2 << 20


def main() -> int:
    problems = []
    for path in source_files():
        data = path.read_bytes()
        if len(data) > BYTES_MAX or b"\0" in data:
            continue
        name = path.relative_to(ROOT)
        for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
            found = []
            if REGISTRY.search(line):
                found.append("names the address of a package registry")
            if MACHINE_PATH.search(line):
                found.append("names a path of one machine")
            if path.suffix in CODE | {""} and NOTE.search(line):
                found.append("a note to self; do it or drop it")
            problems += [f"{name}:{number}: {problem}" for problem in found]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
