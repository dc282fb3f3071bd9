"""Holds the documentation to the repository and to the built program.

- Every relative link and #anchor in a *.md file leads somewhere.
- docs/dependencies.md names each library that cmake/dependencies.cmake looks for.
- Where build/release/bin/callscope is built: every CALLSCOPE_ variable and every option of a
  `callscope …` command in the documentation exists, and docs/configuration.md names every option
  of `callscope serve`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from source_files import ROOT, source_files

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
VARIABLE = re.compile(r"\bCALLSCOPE_[A-Z0-9_]+\b")
COMMAND = re.compile(r"(?<![\w/.-])callscope((?: [a-z][a-z-]*)+)([^\n`]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]+")


def slug(heading: str) -> str:
    """Returns the anchor a heading gets: `## Logs & metrics` is #logs--metrics."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def check_links(path: Path) -> list[str]:
    problems = []
    for link in LINK.findall(without_code(path.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target) if target else path
        if not file.exists():
            problems.append(f"{path.relative_to(ROOT)}: {link} leads nowhere")
        elif anchor and file.suffix == ".md" and anchor not in map(slug, HEADING.findall(file.read_text())):
            problems.append(f"{path.relative_to(ROOT)}: {link} has no such heading")
    return problems


def libraries() -> list[str]:
    """Returns the libraries that cmake/dependencies.cmake looks for, as it names them."""
    text = (ROOT / "cmake" / "dependencies.cmake").read_text()
    text = re.sub(r"#.*", "", text)
    names = re.findall(r"find_package\((\w+)", text)
    names += re.findall(r"pkg_check_modules\(\w+(?: REQUIRED)?(?: IMPORTED_TARGET)? ([\w+.-]+)", text)
    names += re.findall(r"PKG_CONFIG_EXECUTABLE\} --libs ([\w+.-]+)", text)
    names += re.findall(r"find_library\(\w+ ([\w+.-]+)", text)
    names += re.findall(r"add_library\((\w+) SHARED IMPORTED", text)
    return [name for name in names if name not in ("PkgConfig", "Threads")]


def check_dependencies() -> list[str]:
    listed = (ROOT / "docs" / "dependencies.md").read_text()
    missing = [name for name in libraries() if f"`{name}`" not in listed]
    return [f"docs/dependencies.md: {name} of cmake/dependencies.cmake is not listed" for name in missing]


class Program:
    """The built program's help, asked for once a command."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self._help: dict[tuple[str, ...], str | None] = {}

    def help(self, words: tuple[str, ...]) -> str | None:
        """Returns the help of `callscope WORDS`, or None where there is no such command."""
        if words not in self._help:
            done = subprocess.run(
                [self._binary, *words, "--help"], capture_output=True, text=True, timeout=20, check=False
            )
            self._help[words] = done.stdout if done.returncode == 0 else None
        return self._help[words]


def known_variables(program: Program) -> set[str]:
    known = {
        name
        for words in (("serve",), ("call", "list"))
        for name in VARIABLE.findall(program.help(words) or "")
    }
    sdk = [path for path in source_files(".py") if path.is_relative_to(ROOT / "sdk")]
    for path in [ROOT / "dev", *source_files(".sh", ".txt", ".cc", ".mjs", ".ts"), *sdk]:
        known |= set(VARIABLE.findall(path.read_text()))
    return known


def check_commands(path: Path, program: Program) -> list[str]:
    """Returns a line for each option that the command it stands behind does not have."""
    problems = []
    name = path.relative_to(ROOT)
    text = path.read_text().replace("\\\n", " ")
    for words, rest in COMMAND.findall(text):
        command: tuple[str, ...] = ()
        for word in words.split():
            if program.help((*command, word)) is None:
                break
            command = (*command, word)
        options = OPTION.findall(rest)
        if options and not command:
            problems.append(f"{name}: callscope has no command{words}")
            continue
        shown = (program.help(command) or "") + (program.help(()) or "")
        problems += [
            f"{name}: `callscope {' '.join(command)}` has no {option}"
            for option in options
            if option not in OPTION.findall(shown)
        ]
    return problems


def check_against_program(binary: str) -> list[str]:
    program = Program(binary)
    problems = []
    variables = known_variables(program)
    for path in source_files(".md"):
        unknown = sorted(set(VARIABLE.findall(path.read_text())) - variables)
        problems += [f"{path.relative_to(ROOT)}: there is no {name}" for name in unknown]
        problems += check_commands(path, program)
    told = set(OPTION.findall((ROOT / "docs" / "configuration.md").read_text()))
    options = set(OPTION.findall(program.help(("serve",)) or "")) - {"--help", "--version"}
    problems += [f"docs/configuration.md: does not tell of {option}" for option in sorted(options - told)]
    return problems


def main() -> int:
    problems = [problem for path in source_files(".md") for problem in check_links(path)]
    problems += check_dependencies()
    binary = os.environ.get("CALLSCOPE_BIN", str(ROOT / "build" / "release" / "bin" / "callscope"))
    if Path(binary).exists():
        problems += check_against_program(binary)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
