"""What livekit-agents uploads by itself, with LIVEKIT_OBSERVABILITY_URL set to this server."""

import base64
import hashlib
import hmac
import io
import json
import math
import struct
import time
import wave
from typing import Any

import pytest
from server import Project, Server, eventually

API_KEY = "APIabc123"
SECRET = "a secret of more than thirty-two characters"


def field(number: int, wire_type: int, payload: bytes) -> bytes:
    return bytes([number << 3 | wire_type]) + payload


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def text(value: str) -> bytes:
    return varint(len(value)) + value.encode()


def header(room_id: str, started: float, duration_ms: int) -> bytes:
    """Returns a MetricsRecordingHeader."""
    timestamp = field(1, 0, varint(int(started))) + field(2, 0, varint(int(started % 1 * 1e9)))
    return (
        field(1, 2, text(room_id))
        + field(3, 0, varint(duration_ms))
        + field(4, 2, varint(len(timestamp)) + timestamp)
    )


def token(secret: str = SECRET, *, write: bool = True) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {
        "iss": API_KEY,
        "nbf": now - 1,
        "exp": now + 600,
        "observability": {"write": write},
    }
    signed = part({"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return signed + "." + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def sound(seconds: int, rate: int = 16_000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(
            b"".join(struct.pack("<hh", round(8000 * math.sin(i / 20)), 0) for i in range(seconds * rate))
        )
    return out.getvalue()


@pytest.fixture
def project(server: Server) -> Project:
    project = server.new_project()
    answer = server.request(
        "PUT",
        f"projects/{project.id}/livekit",
        key=project.key,
        json={"api_key": f"{API_KEY}", "api_secret": SECRET},
    )
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text
    return project


def upload(server: Server, started: float, key: str) -> Any:
    history = {
        "items": [
            {"id": "1", "type": "message", "role": "user", "content": ["Hi"], "created_at": started + 1},
            {
                "id": "2",
                "type": "message",
                "role": "assistant",
                "content": ["Hello"],
                "created_at": started + 2,
            },
        ]
    }
    files = {
        "header": ("header.binpb", header("RM_room1", started, 4_000), "application/protobuf"),
        "chat_history": ("chat_history.json", json.dumps(history), "application/json"),
        "audio": ("recording.ogg", sound(4), "audio/ogg"),
    }
    return server.request(
        "POST", "/observability/recordings/v0", files=files, headers={"Authorization": f"Bearer {key}"}
    )


def test_a_session_becomes_a_call(project: Project) -> None:
    server = project.server
    started = time.time() - 60
    for _ in range(2):  # the agent tries again where it saw no answer
        answer = upload(server, started, token())
        assert answer.status_code in (200, 201), answer.text

    def heard() -> dict[str, Any]:
        calls = project.items("calls")
        assert len(calls) == 1
        call = project.read(f"calls/{calls[0]['id']}")
        assert call["audio"]["state"] == "done"
        return call

    call = eventually(heard)
    assert [entry["text"] for entry in call["transcript"]] == ["Hi", "Hello"]
    assert len(call["recordings"]) == 1
    assert abs(call["transcript"][0]["start_s"] - 1) < 0.1
    server.request("DELETE", f"projects/{project.id}/livekit", key=project.key)


def test_only_a_token_of_the_project_is_taken(project: Project) -> None:
    server = project.server
    for key in (token("another secret of thirty-two characters"), token(write=False), "eyJ.eyJ.x"):
        answer = upload(server, time.time(), key)
        assert answer.status_code == 401, answer.text
        assert SECRET not in answer.text
    otlp = {"Authorization": f"Bearer {token()}", "Content-Type": "application/x-protobuf"}
    for signal in ("traces", "logs", "metrics"):
        answer = server.request("POST", f"/observability/{signal}/otlp/v0", data=b"", headers=otlp)
        assert answer.status_code == 200, answer.text
    server.request("DELETE", f"projects/{project.id}/livekit", key=project.key)
