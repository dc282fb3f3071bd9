#!/usr/bin/env python3
"""Packs the built web UI into a C++ source that defines callscope::serve::embedded_ui().

usage: pack_ui.py DIST OUTPUT.cc

Text is compressed once, here; the compressed files go next to the output. A missing or empty DIST
makes an empty list. See src/serve/static_ui.h.
"""

import gzip
import hashlib
import sys
from pathlib import Path

COMPRESSED = {".html", ".js", ".mjs", ".css", ".json", ".svg", ".txt", ".webmanifest", ".ico", ".wasm"}

ENTRY = """asm(".section .rodata\\n"
    ".balign 16\\n"
    "callscope_ui_{index}:\\n"
    ".incbin \\"{source}\\"\\n"
    "callscope_ui_{index}_end:\\n"
    ".byte 0\\n"
    ".previous\\n");
extern "C" {{
extern const char callscope_ui_{index}[];
extern const char callscope_ui_{index}_end[];
}}
"""


def main() -> None:
    dist, output = Path(sys.argv[1]), Path(sys.argv[2])
    packed = output.parent / "packed"
    packed.mkdir(parents=True, exist_ok=True)
    paths = [p for p in sorted(dist.rglob("*")) if p.is_file() and not p.name.startswith(".")]
    entries, rows = [], []
    for index, path in enumerate(paths):
        content = path.read_bytes()
        etag = hashlib.sha256(content).hexdigest()[:16]
        compressed = path.suffix in COMPRESSED
        source = path
        if compressed:
            source = packed / f"{index}.gz"
            source.write_bytes(gzip.compress(content, 9, mtime=0))
        entries.append(ENTRY.format(index=index, source=source.resolve()))
        size = f"static_cast<size_t>(callscope_ui_{index}_end - callscope_ui_{index})"
        rows.append(
            f'      {{"/{path.relative_to(dist).as_posix()}", {{callscope_ui_{index}, {size}}}, '
            f'{str(compressed).lower()}, "\\"{etag}\\""}},'
        )
    body = "  return {};"
    if rows:
        body = "  static const StaticFile kFiles[] = {\n" + "\n".join(rows) + "\n  };\n  return kFiles;"
    output.write_text(
        '#include "serve/static_ui.h"\n\n'
        + "\n".join(entries)
        + "\nnamespace callscope::serve {\nstd::span<const StaticFile> embedded_ui() {\n"
        + body
        + "\n}\n}  // namespace callscope::serve\n"
    )


if __name__ == "__main__":
    main()
