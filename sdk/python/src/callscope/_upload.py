"""The upload of a recording: credentials from the server, then an S3 multipart upload of the file."""

import contextlib
import os
import re
from datetime import datetime, timezone
from typing import BinaryIO
from urllib.parse import quote

from callscope._config import Limits, Target
from callscope._http import Answer, Unreachable, send
from callscope._sigv4 import AccessKey, signed_headers

CREDENTIALS_PATH = "/observability/v1/pipecat/egress-credentials"
RESTARTS_MAX = 3


class Later(Exception):
    """What was tried may succeed at another time."""


class Refused(Exception):
    """What was tried will not succeed; the message says why."""

    def __init__(self, message: str, *, key_refused: bool = False) -> None:
        super().__init__(message)
        self.key_refused = key_refused


def _bucket_url(answer: dict[str, object]) -> str:
    """Returns the URL of the bucket: at the server that handed it out, else where AWS's variables point."""
    bucket, region = str(answer["bucket"]), str(answer["region"])
    endpoint = (
        answer.get("endpoint_url")
        or os.environ.get("AWS_ENDPOINT_URL_S3")
        or os.environ.get("AWS_ENDPOINT_URL")
    )
    if endpoint:
        return f"{str(endpoint).rstrip('/')}/{quote(bucket, safe='-_.~')}"
    return f"https://{bucket}.s3.{region}.amazonaws.com"


class AudioUpload:
    """Sends the bytes of a growing file, from one thread. Any failure is Later or Refused."""

    def __init__(self, target: Target, file: BinaryIO, limits: Limits) -> None:
        self._target = target
        self._file = file
        self._limits = limits
        self._restarts = 0
        self._key: AccessKey | None = None
        self._url = ""
        self._name = ""
        self._upload_id = ""
        self._etags: list[str] = []
        self._offset = 0
        # The key of the object, once it is complete.
        self.object_key: str | None = None
        self.begun = False

    def advance(self, available: int, *, final: bool) -> None:
        """Sends the parts that are full, and with `final` the rest; then the object is complete."""
        if self.object_key is not None:
            return
        if not final and available - self._offset < self._limits.part_bytes:
            return
        if not self._upload_id:
            self._create()
        while available - self._offset >= self._limits.part_bytes or (final and self._offset < available):
            self._file.seek(self._offset)
            part = self._file.read(min(self._limits.part_bytes, available - self._offset))
            answer = self._s3("PUT", f"?partNumber={len(self._etags) + 1}&uploadId={self._upload_id}", part)
            etag = answer.headers.get("ETag") or answer.headers.get("Etag")
            if not etag:
                raise Refused("the store answered a part without an ETag")
            self._etags.append(etag)
            self._offset += len(part)
        if final:
            parts = "".join(
                f"<Part><ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>"
                for number, etag in enumerate(self._etags, 1)
            )
            body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
            answer = self._s3("POST", f"?uploadId={self._upload_id}", body)
            if b"<Error>" in answer.body:
                raise Later(f"the store could not complete the upload: {answer.told()}")
            self.object_key = self._name

    def abort(self) -> None:
        """Withdraws the parts that were sent. A failure is left to the store, which expires them."""
        if self._upload_id and self.object_key is None:
            upload, self._upload_id = self._upload_id, ""
            with contextlib.suppress(Later, Refused):
                self._s3("DELETE", f"?uploadId={upload}", b"")

    def _create(self) -> None:
        if self._key is None:
            self._fetch_credentials()
        answer = self._s3("POST", "?uploads", b"", {"content-type": "audio/raw"})
        found = re.search(rb"<UploadId>([^<]+)</UploadId>", answer.body)
        if not found:
            raise Refused("the store began an upload without naming it")
        self._upload_id = found.group(1).decode()
        self._etags, self._offset = [], 0

    def _fetch_credentials(self) -> None:
        url = self._target.url(f"{CREDENTIALS_PATH}?agent_id={self._target.agent_id}")
        self.begun = True
        try:
            answer = send("GET", url, headers=self._target.headers, timeout_s=self._limits.request_s)
        except Unreachable as error:
            raise Later(str(error)) from None
        if answer.transient:
            raise Later(answer.told())
        if not answer.ok:
            raise Refused(f"no place for audio: {answer.told()}", key_refused=answer.status in (401, 403))
        try:
            given = answer.json()
            self._key = AccessKey(
                str(given["access_key"]),
                str(given["secret_key"]),
                str(given["session_token"]),
                str(given["region"]),
            )
            self._name = str(given["key"])
            self._url = f"{_bucket_url(given)}/{quote(self._name, safe='/-_.~')}"
        except KeyError as error:
            raise Refused(f"the answer about audio has no {error}") from None
        except (ValueError, TypeError):
            raise Refused(f"what answers at {self._target.host} about audio is no Callscope server") from None

    def _s3(self, method: str, query: str, body: bytes, headers: dict[str, str] | None = None) -> Answer:
        assert self._key is not None
        url = self._url + query
        sent = signed_headers(method, url, headers or {}, body, self._key, datetime.now(timezone.utc))
        # urllib would call a body of no stated type a form.
        sent.setdefault("content-type", "application/octet-stream")
        timeout_s = self._limits.request_s + len(body) / 250_000
        try:
            answer = send(method, url, headers=sent, body=body, timeout_s=timeout_s)
        except Unreachable as error:
            raise Later(str(error)) from None
        if answer.ok:
            return answer
        if answer.transient:
            raise Later(answer.told())
        # The upload was expired or forgotten, or the credentials ran out: begin again, a few times.
        if answer.status in (401, 403, 404) and self._restarts < RESTARTS_MAX and method != "DELETE":
            self._restarts += 1
            self._key, self._upload_id, self._etags, self._offset = None, "", [], 0
            raise Later(answer.told())
        raise Refused(f"the store refused the recording: {answer.told()}")
