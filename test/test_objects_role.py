"""SDKs that upload to the bucket itself, with credentials of a role that the server hands out."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from server import Project, Server, eventually
from test_objects_s3 import KEYS, s3

boto3 = pytest.importorskip("boto3")
ROLE = "arn:aws:iam::123456789012:role/callscope-upload"

BUCKET = "lent"

__all__ = ["s3"]  # a fixture


def keys(s3: Any) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture(scope="module", autouse=True)
def bucket(s3: Any) -> None:
    s3.create_bucket(Bucket=BUCKET)


@pytest.fixture
def server(new_server: Callable[..., Server], s3: Any) -> Server:
    endpoint = s3.meta.endpoint_url
    bucket = f"s3://{BUCKET}/callscope?endpoint={endpoint}"
    return new_server(
        options=["--objects", bucket, "--upload-role", ROLE, "--sts", endpoint], environment=KEYS
    )


def lent(project: Project, agent: int) -> dict[str, Any]:
    answer = project.get("/observability/v1/pipecat/egress-credentials", agent_id=agent)
    assert answer.status_code == 200, answer.text
    return answer.json()


def client_of(made: dict[str, Any]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=made["endpoint_url"],
        region_name=made["region"],
        aws_access_key_id=made["access_key"],
        aws_secret_access_key=made["secret_key"],
        aws_session_token=made["session_token"],
    )


def report(project: Project, agent: int, session: str, key: str) -> requests.Response:
    now = datetime.now(UTC).isoformat()
    body = {
        "agent_id": agent,
        "session_id": session,
        "session_start": now,
        "session_end": now,
        "transcript": [{"role": "user", "content": "Hi", "started_at": now, "ended_at": now}],
        "audio_s3_key": key,
        "sdk_version": "1.6.7",
    }
    return project.server.request("POST", "/observability/v1/pipecat/observe/", key=project.key, json=body)


def recordings_of(project: Project, session: str) -> list[dict[str, Any]]:
    def found() -> dict[str, Any] | None:
        for call in project.items("calls"):
            if call["call_id"] == session:
                return project.read(f"calls/{call['id']}")
        return None

    call = eventually(found)
    assert call is not None
    return list(call["recordings"])


def test_the_sound_goes_past_the_server(server: Server, s3: Any) -> None:
    project = server.new_project()
    agent = int(server.create("agents", name="front desk", project_id=project.id)["id"])
    made = lent(project, agent)
    assert made["endpoint_url"] == s3.meta.endpoint_url
    assert made["bucket"] == BUCKET
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in made.values()
    theirs = client_of(made)
    target = {"Bucket": made["bucket"], "Key": made["key"]}
    upload = theirs.create_multipart_upload(**target, ContentType="audio/raw")["UploadId"]
    body = os.urandom(24_000 * 4 * 2)  # two seconds
    tag = theirs.upload_part(**target, UploadId=upload, PartNumber=1, Body=body)["ETag"]
    theirs.complete_multipart_upload(
        **target, UploadId=upload, MultipartUpload={"Parts": [{"ETag": tag, "PartNumber": 1}]}
    )
    assert made["key"] in keys(s3)

    for _ in range(2):  # the SDK tries again where it saw no answer
        answer = report(project, agent, "session-1", made["key"])
        assert answer.status_code in (200, 201), answer.text
    (recording,) = recordings_of(project, "session-1")
    assert (recording["state"], recording["channels"], recording["sample_rate_hz"]) == ("complete", 2, 24_000)
    assert recording["duration_s"] == pytest.approx(2)
    path = recording["url"].removeprefix("/api/v1/")
    assert project.get(path, original="true").content == body
    server.request("DELETE", path, key=project.key)
    assert made["key"] not in keys(s3)


def test_nobody_claims_another_project_s_upload(server: Server, s3: Any) -> None:
    theirs, ours = server.new_project(), server.new_project()
    agent = int(server.create("agents", name="theirs", project_id=theirs.id)["id"])
    made = lent(theirs, agent)
    client_of(made).put_object(Bucket=made["bucket"], Key=made["key"], Body=os.urandom(9600))
    agent = int(server.create("agents", name="ours", project_id=ours.id)["id"])
    outside = made["key"].replace("callscope/", "callscope/../")
    for number, key in enumerate((made["key"], outside, "callscope/recordings/../secret", "nothing")):
        answer = report(ours, agent, f"session-{number}", key)
        assert answer.status_code in (200, 201), answer.text
        assert recordings_of(ours, f"session-{number}") == []
    assert made["key"] in keys(s3)


def test_no_credentials_without_the_token_service(new_server: Callable[..., Server], s3: Any) -> None:
    bucket = f"s3://{BUCKET}?endpoint={s3.meta.endpoint_url}"
    options = ["--objects", bucket, "--upload-role", ROLE, "--sts", "http://127.0.0.1:1"]
    server = new_server(options=options, environment=KEYS)
    project = server.new_project()
    agent = int(server.create("agents", name="a", project_id=project.id)["id"])
    answer = project.get("/observability/v1/pipecat/egress-credentials", agent_id=agent)
    assert answer.status_code >= 500
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in answer.text
    # The call goes on without a recording.
    assert report(project, agent, "session-1", "").status_code in (200, 201)
    with pytest.raises(AssertionError, match="upload_role"):
        new_server(options=["--upload-role", ROLE])
