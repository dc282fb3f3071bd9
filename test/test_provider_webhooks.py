"""Webhooks that Retell and ElevenLabs sign, as they send them: the project is named in the URL, no key."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
import requests
from server import Project, Server

SECRETS = {"retell": "key_0123456789abcdef", "elevenlabs": "wsec_0123456789abcdef"}

RETELL = {
    "event": "call_analyzed",
    "call": {
        "call_id": "retell-1",
        "agent_id": "agent_x",
        "call_type": "phone_call",
        "direction": "inbound",
        "from_number": "+15550001",
        "start_timestamp": 1790000000000,
        "end_timestamp": 1790000010000,
        "disconnection_reason": "user_hangup",
        "transcript_object": [
            {"role": "agent", "content": "Hello", "words": [{"word": "Hello", "start": 0.5, "end": 0.9}]},
            {"role": "user", "content": "Hi", "words": [{"word": "Hi", "start": 1.5, "end": 1.8}]},
        ],
        "call_analysis": {"call_summary": "A greeting.", "user_sentiment": "Neutral"},
    },
}
ELEVENLABS = {
    "type": "post_call_transcription",
    "event_timestamp": 1790000011,
    "data": {
        "agent_id": "agent_y",
        "conversation_id": "eleven-1",
        "status": "done",
        "transcript": [
            {"role": "agent", "message": "Hello", "time_in_call_secs": 0},
            {"role": "user", "message": "Hi", "time_in_call_secs": 2},
        ],
        "metadata": {
            "start_time_unix_secs": 1790000000,
            "call_duration_secs": 10,
            "termination_reason": "hangup",
        },
    },
}
BODIES: dict[str, dict[str, Any]] = {"retell": RETELL, "elevenlabs": ELEVENLABS}


def digest(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def signed(provider: str, body: bytes, secret: str, age_s: float = 0) -> dict[str, str]:
    """Returns the header by which the provider signs the body."""
    if provider == "retell":
        now = str(int((time.time() - age_s) * 1000))
        return {"x-retell-signature": f"v={now},d={digest(secret, body + now.encode())}"}
    now = str(int(time.time() - age_s))
    return {"ElevenLabs-Signature": f"t={now},v0={digest(secret, now.encode() + b'.' + body)}"}


@pytest.fixture(params=sorted(BODIES))
def provider(request: pytest.FixtureRequest, server: Server, project: Project) -> str:
    path = f"projects/{project.id}/providers/{request.param}"
    answer = server.request("PUT", path, key=server.key, json={"secret": SECRETS[request.param]})
    assert answer.status_code == 200, answer.text
    return str(request.param)


def post(
    project: Project, provider: str, body: bytes, headers: dict[str, str], query: str = ""
) -> requests.Response:
    path = f"/observability/v1/{provider}/observe/?{query or f'project_id={project.id}'}"
    return project.server.request(
        "POST", path, data=body, headers={"Content-Type": "application/json"} | headers
    )


def test_a_signed_one_becomes_a_call(project: Project, provider: str) -> None:
    body = json.dumps(BODIES[provider]).encode()
    for _ in range(2):  # providers retry
        answer = post(project, provider, body, signed(provider, body, SECRETS[provider]))
        assert answer.status_code == 201, answer.text
    [call] = project.items("calls")
    whole = project.read(f"calls/{call['id']}")
    assert call["id"] == answer.json()["id"]
    assert call["call_id"] == {"retell": "retell-1", "elevenlabs": "eleven-1"}[provider]
    assert [entry["text"] for entry in whole["transcript"]] == ["Hello", "Hi"]
    assert call["duration_s"] == 10
    assert call["end_reason"] == {"retell": "user_hangup", "elevenlabs": "hangup"}[provider]
    assert SECRETS[provider] not in project.server.log_tail()


def test_others_are_refused_and_leave_nothing(project: Project, provider: str) -> None:
    secret = SECRETS[provider]
    body = json.dumps(BODIES[provider]).encode()
    other = body.replace(b"Hello", b"Hullo")
    valid = signed(provider, body, secret)
    [(name, value)] = valid.items()
    refused = {
        "no signature": (body, {}),
        "an empty one": (body, {name: ""}),
        "no digest": (body, {name: value.split(",")[0]}),
        "garbage": (body, {name: "v=\xff,,=,d=zz,t=1e99"}),
        "a long one": (body, {name: "v0=00," * 500}),
        "another body": (other, valid),
        "another secret": (body, signed(provider, body, secret + "x")),
        "an old one": (body, signed(provider, body, secret, age_s=3600)),
        "one of the future": (body, signed(provider, body, secret, age_s=-3600)),
        "another provider's": (
            body,
            signed("retell" if provider != "retell" else "elevenlabs", body, secret),
        ),
    }
    for case, (sent, headers) in refused.items():
        answer = post(project, provider, sent, headers)
        assert answer.status_code == 401, f"{case}: {answer.status_code} {answer.text}"
        assert list(answer.json()) == ["detail"], case
        assert secret not in answer.text
    assert project.items("calls") == []


def test_a_key_does_not_take_the_place_of_a_signature(project: Project, provider: str) -> None:
    body = json.dumps(BODIES[provider]).encode()
    assert post(project, provider, body, project.headers).status_code == 401
    assert post(project, provider, body, {}, query="project_id=999999").status_code == 401
    stranger = project.server.new_project()
    of_stranger = signed(provider, body, SECRETS[provider])
    assert post(stranger, provider, body, of_stranger).status_code == 401
    assert project.items("calls") == stranger.items("calls") == []


def test_a_signed_body_that_says_nothing_is_told_what_it_lacks(project: Project, provider: str) -> None:
    for body in (b"{}", b"[]", b"{", b"\xff", b'"text"', b"null"):
        answer = post(project, provider, body, signed(provider, body, SECRETS[provider]))
        assert answer.status_code == 400, f"{body!r}: {answer.status_code} {answer.text}"
        assert all(isinstance(told, list) and told for told in answer.json().values()), answer.text
    assert project.items("calls") == []
