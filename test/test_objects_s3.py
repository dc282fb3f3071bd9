"""Recordings in a bucket: a server with --objects s3://… against an S3 of somebody else's making."""

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from server import Server
from test_s3 import BUCKET, PART_BYTES, a_call, arguments, config, credentials

boto3 = pytest.importorskip("boto3")
moto_server = pytest.importorskip("moto.server")

THEIR_BUCKET = "voice"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of the other S3, with an empty bucket in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=port)
    running.start()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket=THEIR_BUCKET)
    yield client
    running.stop()


@pytest.fixture
def server(new_server: Callable[..., Server], s3: Any) -> Server:
    url = f"s3://{THEIR_BUCKET}/callscope?endpoint={s3.meta.endpoint_url}"
    return new_server(options=["--objects", url], environment=KEYS)


def keys(s3: Any) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=THEIR_BUCKET).get("Contents", [])]


def test_recordings_go_to_the_bucket_and_come_back(server: Server, s3: Any) -> None:
    key, path = a_call(server)
    url, headers = server.http + path, {"x-cekura-api-key": key}
    body = os.urandom(21 << 20)  # three parts
    made = requests.post(url, params={"sample_rate": 8000}, headers=headers, data=body, timeout=60)
    assert made.status_code == 201, made.text
    (name,) = keys(s3)
    assert name.startswith("callscope/recordings/")
    assert s3.get_object(Bucket=THEIR_BUCKET, Key=name)["Body"].read() == body

    one = f"{url}/{made.json()['id']}"
    whole = requests.get(one, params={"original": "true"}, headers=headers, timeout=60)
    assert whole.content == body
    part = requests.get(
        one, params={"original": "true"}, headers=headers | {"Range": "bytes=9000000-9000099"}, timeout=60
    )
    assert (part.status_code, part.content) == (206, body[9000000:9000100])
    decoded = requests.get(one, headers=headers | {"Range": "bytes=0-43"}, timeout=60)
    assert decoded.content.startswith(b"RIFF")

    refused = requests.post(url, headers=headers, data=b"no audio", timeout=60)
    assert refused.status_code == 415
    assert keys(s3) == [name]
    assert requests.delete(one, headers=headers, timeout=60).status_code == 204
    assert keys(s3) == []


def test_an_sdk_s_upload_goes_to_the_bucket(server: Server, s3: Any) -> None:
    made = credentials(server)
    ours = boto3.client("s3", **arguments(server, made), config=config("when_supported"))
    target = {"Bucket": BUCKET, "Key": made["key"]}
    upload = ours.create_multipart_upload(**target, ContentType="audio/raw")["UploadId"]
    bodies = [os.urandom(PART_BYTES), os.urandom(PART_BYTES)]
    parts = [
        {
            "ETag": ours.upload_part(**target, UploadId=upload, PartNumber=number, Body=body)["ETag"],
            "PartNumber": number,
        }
        for number, body in enumerate(bodies, 1)
    ]
    ours.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    stored = s3.get_object(Bucket=THEIR_BUCKET, Key=f"callscope/{made['key']}")
    assert stored["Body"].read() == b"".join(bodies)


def test_what_is_wrong_with_the_bucket_is_said_at_the_start(
    new_server: Callable[..., Server], s3: Any
) -> None:
    endpoint = s3.meta.endpoint_url
    for url, environment, words in (
        (f"s3://{THEIR_BUCKET}?endpoint={endpoint}", {}, "AWS_ACCESS_KEY_ID"),
        (f"s3://nowhere?endpoint={endpoint}", KEYS, "NoSuchBucket"),
        ("s3://", KEYS, "s3://BUCKET/PREFIX"),
    ):
        with pytest.raises(AssertionError, match=words):
            new_server(options=["--objects", url], environment=dict.fromkeys(KEYS, "") | environment)
