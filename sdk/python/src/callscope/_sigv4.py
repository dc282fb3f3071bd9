"""AWS Signature Version 4 for the few S3 requests of an upload."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit


@dataclass(frozen=True)
class AccessKey:
    access_key: str
    secret_key: str
    session_token: str
    region: str


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical_query(query: str) -> str:
    pairs = [part.partition("=") for part in query.split("&") if part]
    encoded = [
        (quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, _, value in pairs
    ]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def signed_headers(
    method: str, url: str, headers: Mapping[str, str], body: bytes, key: AccessKey, now: datetime
) -> dict[str, str]:
    """Returns the headers to send: those given, the date, the body's hash, the token and the signature.

    The path of `url` has to be percent-encoded already; S3 signs it as it is sent.
    """
    parts = urlsplit(url)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    body_hash = hashlib.sha256(body).hexdigest()
    sent = {name.lower(): value for name, value in headers.items()} | {
        "x-amz-date": stamp,
        "x-amz-content-sha256": body_hash,
    }
    if key.session_token:
        sent["x-amz-security-token"] = key.session_token
    signed = sent | {"host": parts.netloc}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{' '.join(signed[name].split())}\n" for name in sorted(signed))
    request = "\n".join((method, parts.path or "/", _canonical_query(parts.query), lines, names, body_hash))
    scope = f"{stamp[:8]}/{key.region}/s3/aws4_request"
    to_sign = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    secret = ("AWS4" + key.secret_key).encode()
    for text in (stamp[:8], key.region, "s3", "aws4_request"):
        secret = _hmac(secret, text)
    signature = _hmac(secret, to_sign).hex()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return sent
