"""Each method of the REST clients against the built server, where there is one; answers have the types they say."""

import asyncio
import collections.abc
import inspect
import io
import os
import sys
import types
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

import callscope
from callscope import _models

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "test"))

if not os.environ.get("CALLSCOPE_BIN"):
    pytest.skip("CALLSCOPE_BIN names no server", allow_module_level=True)

from otlp import GrpcSender, make_call, make_request, new_trace_id
from server import Project, Server, eventually


def misfit(value: Any, kind: Any, where: str) -> str:
    """Returns where a value is not of its type and how, or nothing."""
    if kind is Any:
        return ""
    if is_typeddict(kind):
        if not isinstance(value, dict):
            return f"{where} is no {kind.__name__}"
        hints = get_type_hints(kind, vars(_models))
        missing = kind.__required_keys__ - value.keys()
        if missing:
            return f"{where} lacks {sorted(missing)}"
        return next(
            (
                told
                for key, member in value.items()
                if key in hints and (told := misfit(member, hints[key], f"{where}.{key}"))
            ),
            "",
        )
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        if not isinstance(value, list):
            return f"{where} is no list"
        return next((told for each in value if (told := misfit(each, arguments[0], where + "[]"))), "")
    if origin in (Union, types.UnionType):
        told = [misfit(value, each, where) for each in arguments]
        return "" if "" in told else "; ".join(told)
    if origin is Literal:
        return "" if value in arguments else f"{where} is {value!r}"
    wanted = (int, float) if kind is float else origin or kind
    return "" if isinstance(value, wanted) else f"{where} is {value!r}, no {kind}"


class Caller:
    """Calls methods of a client by name, and remembers which."""

    def __init__(self, kind: Callable[..., Any], key: str, url: str, **arguments: Any) -> None:
        self.client = kind(key, url, **arguments)

    def __call__(self, name: str, /, *arguments: Any, **named: Any) -> Any:
        resource, method = name.split(".")
        found = getattr(getattr(self.client, resource), method)
        answer = found(*arguments, **named)
        if inspect.iscoroutine(answer):
            answer = asyncio.run(_awaited(answer))
        elif inspect.isasyncgen(answer):
            return asyncio.run(_all(answer))
        elif inspect.isgenerator(answer):
            return list(answer)
        SEEN.setdefault(type(self.client), set()).add(name)
        wanted = get_type_hints(found, vars(collections.abc) | vars(_models) | {"Unpack": _Unpack})["return"]
        assert misfit(answer, wanted, name) == ""
        return answer


class _Unpack:
    """Stands for typing_extensions.Unpack, which type checkers alone need."""

    def __class_getitem__(cls, kind: Any) -> Any:
        return kind


async def _awaited(answer: Any) -> Any:
    return await answer


async def _all(answer: Any) -> list[Any]:
    return [each async for each in answer]


SEEN: dict[type, set[str]] = {}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("client") / "data").start()
    yield running
    running.close()


def one_second() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(4 * 8000))
    return out.getvalue()


def ask_for_calls(ask: Caller, project: Project) -> None:
    trace_id = new_trace_id()
    sender = GrpcSender(project.server)
    assert sender.send(make_request(make_call(trace_id)), headers=project.headers).accepted
    sender.close()
    traced = project.wait_for_call(trace_id.hex())["id"]
    words = [{"role": "assistant", "content": "Hello."}, {"role": "user", "content": "A table, please."}]
    call = ask("calls.create", call_id="made", transcript=words, metadata={"tier": "gold"})
    assert [each["id"] for each in ask("calls.list", metadata={"tier": "gold"})["items"]] == [call["id"]]
    assert ask("calls.list", metadata={"tier": "lead"})["items"] == []
    assert ask("calls.list", flag=["clock_far_off", "orphan_spans"], error=False)["items"] == []
    assert {each["id"] for each in ask("calls.iterate", limit=1)} == {call["id"], traced}
    assert ask("calls.update", call["id"], end_reason="hung up")["end_reason"] == "hung up"
    told = ask("calls.set_transcript", call["id"], transcript=words[:1])
    assert [entry["text"] for entry in told["transcript"]] == ["Hello."]
    line = {"time": told["started_at"], "level": "info", "message": "ready"}
    ask("calls.add_logs", call["id"], items=[line])
    assert ask("calls.logs", call["id"])["items"]

    recording = ask("calls.add_recording", call["id"], one_second(), agent_channel=1)["id"]
    assert ask("calls.recording", call["id"], recording)[:4] == b"RIFF"
    eventually(lambda: project.read(f"calls/{call['id']}")["audio"]["state"] == "done")
    assert ask("calls.peaks", call["id"], recording)
    ask("calls.nudge_clock", call["id"], nudge_ms=20)
    ask("calls.analyse_recording", call["id"], recording)
    ask("calls.delete_recording", call["id"], recording)

    assert len(ask("calls.spans", traced)["items"]) == 11
    merged = ask("calls.merge", call["id"], **{"with": [traced]})
    assert len(merged["parts"]) == 2
    ask("calls.split", merged["id"], parts=[merged["parts"][0]["id"]])
    ask("calls.undo", merged["id"])
    assert ask("calls.get", merged["id"])["call_id"] == "made"

    spans = ask("traces.get", trace_id.hex())["spans"]
    assert ask("traces.span", trace_id.hex(), spans[0]["span_id"])["name"] == spans[0]["name"]
    model = ask("spans.list", kind="llm", limit=1)["items"][0]
    assert set(ask("traces.messages", model["trace_id"], model["span_id"])) >= {"input", "output"}
    assert ask("spans.list", attribute={"gen_ai.request.model": "no such model"})["items"] == []
    assert model in ask("spans.iterate", kind="llm", limit=1)
    for name in ("latency", "tokens", "cost", "tools", "turns"):
        assert "items" in ask(f"stats.{name}")
    assert ask("calls.withdraw", session_id="never was")["withdrawn"] is True
    ask("calls.delete", merged["id"])
    with pytest.raises(callscope.NotFoundError):
        ask("calls.get", merged["id"])


def ask_to_administer(ask: Caller, project: Project) -> None:
    assert ask("server.get")["version"]
    assert ask("server.openapi")["openapi"].startswith("3.1")
    assert ask("server.me")["admin"] is True
    ask("server.unmapped")
    made = ask("projects.create", name="made by the client")
    assert made["id"] in [each["id"] for each in ask("projects.list")["items"]]
    assert made in ask("projects.iterate")
    assert ask("projects.update", made["id"], retention_days=30)["retention_days"] == 30
    ask("projects.set_provider_secret", project.id, "retell", secret="a secret")
    assert ask("projects.provider", project.id, "retell")["has_secret"] is True
    ask("projects.delete_provider_secret", project.id, "retell")
    key = f"API{project.id}"
    ask("projects.set_livekit_key", project.id, api_key=key, api_secret="s" * 32)
    assert key in str(ask("projects.livekit_keys", project.id))
    ask("projects.delete_livekit_keys", project.id)

    agent = ask("agents.create", name="front desk")
    assert ask("agents.update", agent["id"], provider="pipecat")["provider"] == "pipecat"
    assert "front desk" in [each["name"] for each in ask("agents.list")["items"]]
    ask("agents.iterate")
    made_key = ask("keys.create", access="read-only", name="k")
    assert made_key["id"] in [each["id"] for each in ask("keys.list")["items"]]
    ask("keys.iterate")
    ask("keys.revoke", made_key["id"])
    name = f"anna{project.id}"
    user = ask("users.create", name=name, password="a long enough password", role="viewer")
    assert ask("users.update", user["id"], role="member")["role"] == "member"
    assert name in [each["name"] for each in ask("users.iterate")]
    ask("users.list")
    ask("users.delete", user["id"])
    assert ask("prices.list", text="gpt-4.1-mini")["items"]
    ask("prices.replace", own=[])

    view = ask("views.create", name="slow", query="min_latency_ms=2000")
    ask("views.replace", view["id"], name="slower", query="min_latency_ms=4000")
    assert ask("views.get", view["id"])["name"] == "slower"
    assert ask("views.list")["items"] == ask("views.iterate")
    ask("views.delete", view["id"])
    hook = ask("webhooks.create", url="http://127.0.0.1:9/hook")
    assert ask("webhooks.get", hook["id"])["url"] == hook["url"]
    assert ask("webhooks.list")["items"] == ask("webhooks.iterate")
    assert ask("webhooks.deliveries", hook["id"])["items"] == []
    with pytest.raises(callscope.NotFoundError):
        ask("webhooks.replay", hook["id"], 999_999)
    SEEN[type(ask.client)].add("webhooks.replay")
    ask("webhooks.delete", hook["id"])


@pytest.mark.parametrize("kind", [callscope.Client, callscope.AsyncClient])
def test_every_method_is_what_the_server_does(server: Server, kind: Any) -> None:
    project = server.new_project()
    ask_for_calls(Caller(kind, project.key, server.http), project)
    ask_to_administer(Caller(kind, server.key, server.http, project_id=project.id), project)
    resources = vars(kind("k"))
    methods = {
        f"{name}.{method}"
        for name, resource in resources.items()
        if name != "base_url"
        for method, _ in inspect.getmembers(resource, inspect.ismethod)
        if not method.startswith("_") and method != "iterate"
    }
    assert methods - SEEN[kind] == set()
