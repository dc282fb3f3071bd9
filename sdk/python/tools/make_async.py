"""Makes src/callscope/_async_client.py of _client.py: the same requests, awaited.

python sdk/python/tools/make_async.py [--check]
"""

import ast
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "callscope"
HEADER = '"""The REST API without blocking. Made of _client.py by tools/make_async.py: change that."""\n\n'
IMPORTS = """import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from callscope._client import Call, CallPage, CallSummary, Connection, Page, Row


"""


def made() -> str:
    source = (PACKAGE / "_client.py").read_text()
    text = source[source.index("class _Resource:") :]
    text = re.sub(r"^    def (?!__init__)", "    async def ", text, flags=re.MULTILINE)
    text = text.replace(
        "return self._connection.send(method, path, query or {}, body, raw, content_type)",
        "return await asyncio.to_thread(\n"
        "            self._connection.send, method, path, query or {}, body, raw, content_type\n        )",
    )
    text = re.sub(r"(?<!def )\b(self(?:\._server)?\.request\()", r"await \1", text)
    text = text.replace("page = self.list(", "page = await self.list(")
    text = text.replace("Iterator[", "AsyncIterator[").replace("class Client:", "class AsyncClient:")
    for name in ("Calls", "Traces", "Stats", "Agents"):
        text = re.sub(rf"\b{name}\b", f"Async{name}", text)
    return HEADER + IMPORTS + text


def main() -> int:
    path = PACKAGE / "_async_client.py"
    if "--check" in sys.argv:
        return 0 if ast.dump(ast.parse(path.read_text())) == ast.dump(ast.parse(made())) else 1
    path.write_text(made())
    print("now: ruff format", path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
