"""Uploads by the clients that SDKs use: boto3, and aiobotocore over TLS, which frames its bodies."""

import asyncio
import base64
import hashlib
import hmac
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from server import Server

boto3 = pytest.importorskip("boto3")
aiobotocore_session = pytest.importorskip("aiobotocore.session")
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

BUCKET = "callscope-recordings"
PART_BYTES = 6 << 20
CHECKSUMS = ("when_supported", "when_required")


def credentials(server: Server, project: int = 1, *, key: str = "", lifetime: int = 3600) -> dict[str, str]:
    """Makes the credentials of an upload, as the server does for an SDK that asks for them."""
    with sqlite3.connect(server.data / "catalog.db") as catalog:
        (secret,) = catalog.execute("SELECT value FROM settings WHERE name = 'upload_secret'").fetchone()

    def mac(what: str, text: bytes) -> bytes:
        return hmac.new(secret.encode(), what.encode() + text, hashlib.sha256).digest()

    def text_of(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    key = key or f"recordings/{project}/{os.urandom(16).hex()}"
    packed = f"1|{project}|1|{int((time.time() + lifetime) * 1e9)}|{key}".encode()
    token = f"{text_of(packed)}.{text_of(mac('token', packed))}"
    return {
        "key": key,
        "access_key": "CSUP" + mac("access", token.encode()).hex()[:16].upper(),
        "secret_key": text_of(mac("secret", token.encode())),
        "session_token": token,
    }


def arguments(server: Server, made: dict[str, str], path: str = "") -> dict[str, Any]:
    return {
        "endpoint_url": server.http + path,
        "region_name": "us-east-1",
        "aws_access_key_id": made["access_key"],
        "aws_secret_access_key": made["secret_key"],
        "aws_session_token": made["session_token"],
    }


def config(checksum: str) -> Config:
    return Config(request_checksum_calculation=checksum, retries={"max_attempts": 1})


def stored(server: Server, made: dict[str, str]) -> bytes:
    return (server.data / "objects" / made["key"]).read_bytes()


def recording(server: Server, made: dict[str, str]) -> tuple[Any, ...]:
    with sqlite3.connect(server.data / "catalog.db") as catalog:
        row = catalog.execute(
            "SELECT format, channels, sample_rate_hz, byte_count, agent_channel, state FROM recordings"
            " WHERE object_key = ?",
            (made["key"],),
        ).fetchone()
    return tuple(row)


@pytest.mark.parametrize("checksum", CHECKSUMS)
@pytest.mark.parametrize("path", ["", "/s3"])
def test_boto3_uploads_parts(server: Server, path: str, checksum: str) -> None:
    made = credentials(server)
    s3 = boto3.client("s3", **arguments(server, made, path), config=config(checksum))
    target = {"Bucket": BUCKET, "Key": made["key"]}
    upload = s3.create_multipart_upload(**target, ContentType="audio/raw")["UploadId"]
    bodies = {number: os.urandom(PART_BYTES) for number in (4, 1, 2)}  # a hole at 3
    tags = {}
    for number, body in [*bodies.items(), (2, bodies[2])]:
        part = s3.upload_part(**target, UploadId=upload, PartNumber=number, Body=body)
        tags[number] = part["ETag"]
    parts = [{"ETag": tags[number], "PartNumber": number} for number in sorted(tags)]
    done = s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    assert done["ETag"]
    assert stored(server, made) == bodies[1] + bodies[2] + bodies[4]
    assert s3.head_object(**target)["ContentLength"] == 3 * PART_BYTES
    assert recording(server, made) == ("raw", 2, 24000, 3 * PART_BYTES, 1, 1)


def test_boto3_is_told_what_is_wrong(server: Server) -> None:
    made = credentials(server)
    s3 = boto3.client("s3", **arguments(server, made), config=config("when_supported"))
    target = {"Bucket": BUCKET, "Key": made["key"]}

    def code(ask: Callable[..., Any], **more: Any) -> str:
        with pytest.raises(ClientError) as caught:
            ask(**{**target, **more})
        return str(caught.value.response["Error"]["Code"])

    upload = s3.create_multipart_upload(**target)["UploadId"]
    tag = s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"abcd")["ETag"]
    wrong = {"Parts": [{"ETag": '"0"', "PartNumber": 1}]}
    right = {"Parts": [{"ETag": tag, "PartNumber": 1}]}
    assert code(s3.complete_multipart_upload, UploadId=upload, MultipartUpload=wrong) == "InvalidPart"
    assert code(s3.upload_part, UploadId="nope", PartNumber=1, Body=b"x") == "NoSuchUpload"
    assert code(s3.put_object, Key=made["key"] + "x", Body=b"x") == "AccessDenied"
    s3.abort_multipart_upload(**target, UploadId=upload)
    assert code(s3.complete_multipart_upload, UploadId=upload, MultipartUpload=right) == "NoSuchUpload"

    others = credentials(server, project=2)
    stranger = boto3.client("s3", **arguments(server, others), config=config("when_supported"))
    assert code(stranger.put_object, Body=b"x") == "AccessDenied"
    late = credentials(server, lifetime=-1)
    expired = boto3.client("s3", **arguments(server, late), config=config("when_supported"))
    assert code(expired.put_object, Key=late["key"], Body=b"x") == "ExpiredToken"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
def tls_server(new_server: Callable[..., Server], certificate: tuple[Path, Path]) -> tuple[Server, Path]:
    chain, key = certificate
    return new_server(options=["--tls-cert", str(chain), "--tls-key", str(key)]), chain


@pytest.mark.parametrize("checksum", CHECKSUMS)
def test_aiobotocore_uploads_over_tls(tls_server: tuple[Server, Path], checksum: str) -> None:
    server, chain = tls_server
    made = credentials(server)
    bodies = [os.urandom(PART_BYTES), os.urandom(1000)]

    async def upload() -> None:
        session = aiobotocore_session.get_session()
        async with session.create_client(
            "s3", **arguments(server, made), verify=str(chain), config=config(checksum)
        ) as s3:
            target = {"Bucket": BUCKET, "Key": made["key"]}
            id_ = (await s3.create_multipart_upload(**target, ContentType="audio/raw"))["UploadId"]
            answers = await asyncio.gather(
                *(
                    s3.upload_part(**target, UploadId=id_, PartNumber=number, Body=body)
                    for number, body in enumerate(bodies, 1)
                )
            )
            parts = [
                {"ETag": answer["ETag"], "PartNumber": number} for number, answer in enumerate(answers, 1)
            ]
            await s3.complete_multipart_upload(**target, UploadId=id_, MultipartUpload={"Parts": parts})

    asyncio.run(upload())
    assert stored(server, made) == b"".join(bodies)


def test_an_unfinished_upload_survives_a_crash(new_server: Callable[..., Server]) -> None:
    server = new_server()
    made = credentials(server)
    s3 = boto3.client("s3", **arguments(server, made), config=config("when_supported"))
    target = {"Bucket": BUCKET, "Key": made["key"]}
    upload = s3.create_multipart_upload(**target, ContentType="audio/raw")["UploadId"]
    first = s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"a" * PART_BYTES)["ETag"]
    server.kill9()
    server.start()
    s3 = boto3.client("s3", **arguments(server, made), config=config("when_supported"))
    second = s3.upload_part(**target, UploadId=upload, PartNumber=2, Body=b"b" * 100)["ETag"]
    parts = [{"ETag": first, "PartNumber": 1}, {"ETag": second, "PartNumber": 2}]
    s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    assert stored(server, made) == b"a" * PART_BYTES + b"b" * 100


# ---- our own API ---------------------------------------------------------------------------------


def a_call(server: Server) -> tuple[str, str]:
    """Returns a project's key and the path of the recordings of a call in it."""
    project = server.new_project()
    trace_id = os.urandom(16).hex()
    now = time.time_ns()
    span = {
        "traceId": trace_id,
        "spanId": os.urandom(8).hex(),
        "name": "conversation",
        "startTimeUnixNano": str(now - 10**9),
        "endTimeUnixNano": str(now),
    }
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    answer = server.request("POST", "/v1/traces", key=project.key, json=body)
    assert answer.status_code == 200, answer.text
    call = project.wait_for_call(trace_id)
    return project.key, f"/api/v1/calls/{call['id']}/recordings"


def test_a_large_body_needs_little_memory(server: Server) -> None:
    key, path = a_call(server)
    piece = os.urandom(1 << 20)
    count = 400

    def pieces() -> Iterator[bytes]:
        for _ in range(count):
            yield piece

    def resident() -> int:
        status = Path(f"/proc/{server.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) << 10

    before = resident()
    answer = requests.post(
        server.http + path,
        params={"sample_rate": 24000, "channels": 2},
        headers={"x-cekura-api-key": key},
        data=pieces(),
        timeout=120,
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["bytes"] == count << 20
    assert resident() - before < 64 << 20
    part = requests.get(
        f"{server.http}{path}/{answer.json()['id']}",
        params={"original": "true"},
        headers={"x-cekura-api-key": key, "Range": f"bytes={(300 << 20) + 5}-{(300 << 20) + 104}"},
        timeout=60,
    )
    assert part.status_code == 206
    assert part.content == piece[5:105]


def test_a_body_over_the_limit_is_refused_before_it_is_sent(new_server: Callable[..., Server]) -> None:
    server = new_server(options=["--recording-bytes-max", "1000000"])
    key, path = a_call(server)
    host, port = server.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nx-cekura-api-key: {key}\r\n"
            "Content-Length: 2147483648\r\nExpect: 100-continue\r\n\r\n"
        )
        client.sendall(head.encode())
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")
    chunks = requests.post(
        server.http + path,
        params={"sample_rate": 8000},
        headers={"x-cekura-api-key": key},
        data=(b"x" * 65536 for _ in range(100)),
        timeout=60,
    )
    assert chunks.status_code == 413, chunks.text
    assert not [file for file in (server.data / "objects").rglob("*") if file.is_file()]
