"""Makes the REST client of the server's OpenAPI description: its types, and a method for each route.

python sdk/python/tools/make_client.py [--check]

Writes _models.py, _api.py and _async_api.py of src/callscope. An operation that METHODS does not name is
an error, so that a new route is either in the client or left out for a stated reason.
"""

import json
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "sdk" / "python" / "src" / "callscope"
OPENAPI = json.loads((ROOT / "src" / "serve" / "openapi.json").read_text())
SCHEMAS = OPENAPI["components"]["schemas"]
Schema = dict[str, Any]

# Where each operation is found in the client: resource and method.
METHODS = {
    "getServer": ("server", "get"),
    "getOpenapi": ("server", "openapi"),
    "listUnmapped": ("server", "unmapped"),
    "getMe": ("server", "me"),
    "listCalls": ("calls", "list"),
    "createCall": ("calls", "create"),
    "getCall": ("calls", "get"),
    "deleteCall": ("calls", "delete"),
    "changeCall": ("calls", "update"),
    "putTranscript": ("calls", "set_transcript"),
    "mergeCalls": ("calls", "merge"),
    "splitCall": ("calls", "split"),
    "undoEdit": ("calls", "undo"),
    "listCallSpans": ("calls", "spans"),
    "listCallLogs": ("calls", "logs"),
    "addCallLogs": ("calls", "add_logs"),
    "addRecording": ("calls", "add_recording"),
    "getRecording": ("calls", "recording"),
    "deleteRecording": ("calls", "delete_recording"),
    "getPeaks": ("calls", "peaks"),
    "analyseRecording": ("calls", "analyse_recording"),
    "nudgeClock": ("calls", "nudge_clock"),
    "withdrawSession": ("calls", "withdraw"),
    "getTrace": ("traces", "get"),
    "getSpan": ("traces", "span"),
    "getSpanMessages": ("traces", "messages"),
    "searchSpans": ("spans", "list"),
    "statsLatency": ("stats", "latency"),
    "statsTokens": ("stats", "tokens"),
    "statsCost": ("stats", "cost"),
    "statsTools": ("stats", "tools"),
    "statsTurns": ("stats", "turns"),
    "listProjects": ("projects", "list"),
    "createProject": ("projects", "create"),
    "changeProject": ("projects", "update"),
    "getProvider": ("projects", "provider"),
    "putProviderSecret": ("projects", "set_provider_secret"),
    "deleteProviderSecret": ("projects", "delete_provider_secret"),
    "listLivekitKeys": ("projects", "livekit_keys"),
    "putLivekitKey": ("projects", "set_livekit_key"),
    "deleteLivekitKeys": ("projects", "delete_livekit_keys"),
    "listAgents": ("agents", "list"),
    "createAgent": ("agents", "create"),
    "changeAgent": ("agents", "update"),
    "listKeys": ("keys", "list"),
    "createKey": ("keys", "create"),
    "revokeKey": ("keys", "revoke"),
    "listUsers": ("users", "list"),
    "createUser": ("users", "create"),
    "changeUser": ("users", "update"),
    "deleteUser": ("users", "delete"),
    "listPrices": ("prices", "list"),
    "putPrices": ("prices", "replace"),
    "listViews": ("views", "list"),
    "createView": ("views", "create"),
    "getView": ("views", "get"),
    "replaceView": ("views", "replace"),
    "deleteView": ("views", "delete"),
    "listWebhooks": ("webhooks", "list"),
    "createWebhook": ("webhooks", "create"),
    "getWebhook": ("webhooks", "get"),
    "deleteWebhook": ("webhooks", "delete"),
    "listDeliveries": ("webhooks", "deliveries"),
    "replayDelivery": ("webhooks", "replay"),
}
LEFT_OUT = {
    "followCall": "a stream of events, for the web page",
    "playRecording": "a signed address, for a browser",
    "signIn": "sessions are for browsers; this client has a key",
    "signOut": "sessions are for browsers",
    "changeMe": "passwords are changed by the people who have them",
}
# Names that Python has taken.
RENAMED = {"from": "since", "to": "until"}
SIMPLE = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "Row",
}


def camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


class Models:
    """The TypedDicts of all schemas that are asked for, in the order in which they need each other."""

    def __init__(self) -> None:
        self.code: dict[str, str] = {}

    def type_of(self, schema: Schema, name: str) -> str:
        """Returns the Python type of a schema; one that has members gets the name, or its own."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.type_of(SCHEMAS[name], name)
        if "enum" in schema:
            return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"
        for union in ("oneOf", "anyOf"):
            if union in schema:
                # A trace in another format is whatever that format is.
                types = dict.fromkeys(self.type_of(each, name) for each in schema[union])
                return "Any" if "Any" in types else " | ".join(types)
        if "allOf" in schema:
            return self._class(name, schema["allOf"])
        kind = schema.get("type", "object" if "properties" in schema else None)
        if kind is None:
            return "Any"
        if isinstance(kind, list):
            return " | ".join(self.type_of({**schema, "type": each}, name) for each in kind)
        if kind == "array":
            return f"list[{self.type_of(schema.get('items', {}), name.removesuffix('s'))}]"
        if kind == "object" and schema.get("properties"):
            return self._class(name, [schema])
        return SIMPLE[kind]

    def _class(self, name: str, parts: list[Schema]) -> str:
        if name in self.code:
            return name
        bases = [self.type_of(part, name) for part in parts if "$ref" in part]
        own = [part for part in parts if "$ref" not in part]
        members = {
            key: self.type_of(schema, name + camel(key))
            for part in own
            for key, schema in part.get("properties", {}).items()
        }
        about = next((part["description"] for part in own if part.get("description")), "")
        if any(keyword.iskeyword(key) for key in members):
            listed = ", ".join(f"{key!r}: {f'{kind}'!r}" for key, kind in members.items())
            self.code[name] = f"{name} = TypedDict({name!r}, {{{listed}}}, total=False)\n"
            return name
        required = {key for part in own for key in part.get("required", [])}
        inherit = ", ".join(bases) or "TypedDict"
        always = {key: kind for key, kind in members.items() if key in required}
        if always and len(always) < len(members):
            self.code[f"_{name}"] = f"class _{name}({inherit}):\n" + _members(always)
            inherit = f"_{name}"
            members = {key: kind for key, kind in members.items() if key not in required}
        total = "" if always and members == always else ", total=False"
        docs = f'    """{about}"""\n\n' if about else ""
        self.code[name] = f"class {name}({inherit}{total}):\n{docs}" + (_members(members) or "    pass\n")
        return name


def _members(members: dict[str, str]) -> str:
    return "".join(f"    {key}: {kind}\n" for key, kind in members.items())


class Operation:
    """One route as a method."""

    def __init__(self, method: str, path: str, item: Schema, operation: Schema, models: Models) -> None:
        self.method = method.upper()
        self.path = path.removeprefix("/api/v1/")
        self.id: str = operation["operationId"]
        self.resource, self.name = METHODS[self.id]
        self.docs = operation["summary"]
        both = [_resolved(each) for each in item.get("parameters", []) + operation.get("parameters", [])]
        # The project is the client's.
        self.query = [each for each in both if each["in"] == "query" and each["name"] != "project_id"]
        self.places = [each for each in both if each["in"] == "path"]
        self.models = models
        self.body = self._body(operation)
        self.answer = self._answer(operation)
        self.paged = self.name == "list" and any(each["name"] == "cursor" for each in self.query)

    def _body(self, operation: Schema) -> str:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return ""
        if "application/json" not in content:
            return "bytes"
        return self.models.type_of(content["application/json"]["schema"], camel(self.id) + "Body")

    def _answer(self, operation: Schema) -> str:
        status, answer = next((code, each) for code, each in operation["responses"].items() if code[0] == "2")
        if status == "204":
            return "None"
        content = _resolved(answer).get("content", {})
        if "application/json" not in content:
            return "bytes"
        schema = content["application/json"].get("schema", {})
        items = schema.get("properties", {}).get("items", {}).get("items", {})
        name = f"{items['$ref'].rsplit('/', 1)[1]}Page" if "$ref" in items else camel(self.id) + "Answer"
        return self.models.type_of(schema, name)

    def _place_name(self, name: str) -> str:
        owner = self.path.split("/", 1)[0].removesuffix("s")
        return f"{owner}_id" if name == "id" else name

    def _arguments(self, *, without: str = "") -> str:
        given = ["self"]
        for place in self.places:
            given.append(
                f"{self._place_name(place['name'])}: {SIMPLE[place['schema'].get('type', 'string')]}"
            )
        if self.body == "bytes":
            given.append("data: bytes")
        if len(given) > 1:
            given.append("/")
        named = [each for each in self.query if each["name"] != without]
        if named or self.body == "bytes":
            given.append("*")
        if self.body == "bytes":
            given.append('content_type: str = "audio/wav"')
        for each in named:
            name = RENAMED.get(each["name"], each["name"])
            given.append(f"{name}: {self._query_type(each)} | None = None")
        if self.body not in ("", "bytes"):
            given.append(f"**fields: Unpack[{self.body}]")
        return ", ".join(given)

    def _query_type(self, parameter: Schema) -> str:
        schema = parameter["schema"]
        if schema.get("type") == "object":
            return "Mapping[str, str]"
        if schema.get("type") == "array":
            return "Sequence[str]"
        return self.models.type_of(schema, "")

    def _query(self) -> str:
        pairs = []
        for each in self.query:
            name = RENAMED.get(each["name"], each["name"])
            if each["schema"].get("type") == "object":
                pairs.append(f'**members("{each["name"]}", {name})')
            else:
                pairs.append(f'"{each["name"]}": {name}')
        return "{" + ", ".join(pairs) + "}"

    def code(self, *, waits: bool) -> Iterator[str]:
        place = re.sub(r"{(\w+)}", lambda found: f"{{path_part({self._place_name(found[1])})}}", self.path)
        send = [f'"{self.method}"', f'f"{place}"' if self.places else f'"{place}"', self._query()]
        if self.body == "bytes":
            send += ["raw=data", "content_type=content_type"]
        elif self.body:
            send.append("body=fields")
        call = f"{'await ' if waits else ''}self._request({', '.join(send)})"
        yield f"    {'async ' if waits else ''}def {self.name}({self._arguments()}) -> {self.answer}:"
        yield f'        """{self.docs}."""'
        if self.answer == "None":
            yield f"        {call}"
        else:
            yield f"        answer: {self.answer} = {call}"
            yield "        return answer"
        if self.paged:
            item = self.models.code[self.answer]
            kind = re.search(r"items: list\[(\w+)\]", item)
            assert kind, self.id
            yield ""
            iterator = "AsyncIterator" if waits else "Iterator"
            arguments = self._arguments(without="cursor")
            yield f"    {'async ' if waits else ''}def iterate({arguments}) -> {iterator}[{kind[1]}]:"
            yield f'        """{self.docs}: every one, page by page."""'
            names = [RENAMED.get(each["name"], each["name"]) for each in self.query]
            given = ", ".join(f"{name}={name}" for name in names)
            yield "        cursor: str | None = None"
            yield "        while True:"
            yield f"            page = {'await ' if waits else ''}self.list({given})"
            yield '            for item in page["items"]:' + ("" if waits else "  # noqa: UP028")
            yield "                yield item"
            yield '            cursor = page["next"]'
            yield "            if not cursor:"
            yield "                return"


def _resolved(part: Schema) -> Schema:
    while "$ref" in part:
        place: Any = OPENAPI
        for step in part["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        part = place
    return part


def operations(models: Models) -> list[Operation]:
    found = []
    for path, item in OPENAPI["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or not path.startswith("/api/v1/"):
                continue
            if operation["operationId"] not in LEFT_OUT:
                found.append(Operation(method, path, item, operation, models))
    order = list(METHODS)
    return sorted(found, key=lambda operation: order.index(operation.id))


MADE = "Made of the server's OpenAPI description by tools/make_client.py."


def models_file(models: Models) -> str:
    head = f'''"""What the server takes and answers. {MADE}"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Row = dict[str, Any]


'''
    return head + "\n\n".join(models.code.values())


def api_file(found: list[Operation], models: Models, *, waits: bool) -> str:
    iterator = "AsyncIterator" if waits else "Iterator"
    resources: dict[str, list[str]] = {}
    for operation in found:
        resources.setdefault(operation.resource, []).append("\n".join(operation.code(waits=waits)))
    prefix = "Async" if waits else ""
    code = "\n\n\n".join(
        f"class {prefix}{camel(name)}Api({prefix}Resource):\n" + "\n\n".join(methods)
        for name, methods in resources.items()
    )
    used = sorted(name for name in models.code if re.search(rf"\b{name}\b", code))
    listed = f'''class {prefix}Api:
    """The routes by what they are about."""

    def __init__(self, connection: Connection) -> None:
        self.base_url = connection.base_url
''' + "".join(f"        self.{name} = {prefix}{camel(name)}Api(connection)\n" for name in resources)
    return f'''"""The routes of the REST API{", awaited" if waits else ""}. {MADE}"""

from __future__ import annotations

from collections.abc import {iterator}, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from callscope._connection import {prefix}Resource, Connection, members, path_part
from callscope._models import {", ".join(["Row", *used])}

if TYPE_CHECKING:
    from typing_extensions import Unpack


{code}


{listed}'''


def formatted(name: str, code: str) -> str:
    for step in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *step, "--stdin-filename", str(PACKAGE / name), "-"],
            input=code,
            capture_output=True,
            text=True,
            check=True,
        )
        code = done.stdout
    return code


def main() -> int:
    models = Models()
    found = operations(models)
    files = {
        "_api.py": api_file(found, models, waits=False),
        "_async_api.py": api_file(found, models, waits=True),
        "_models.py": models_file(models),
    }
    stale = 0
    for name, code in files.items():
        made, path = formatted(name, code), PACKAGE / name
        if "--check" in sys.argv:
            stale |= not path.exists() or path.read_text() != made
        else:
            path.write_text(made)
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
