"""Sends what earlier runs have left in the spool."""

import threading
import time
from pathlib import Path

from callscope._config import Limits, Target
from callscope._errors import logger
from callscope._http import backoff_s
from callscope._otlp import span_exporter
from callscope._post import post, suppress_instrumentation, warn_of
from callscope._spool import AUDIO, PAYLOAD, STATE, WITHDRAW, CallFolder, left_behind
from callscope._upload import AudioUpload, Later, Refused
from callscope._withdrawal import WITHDRAW_PATH

LEFT_BEHIND_ATTEMPTS = 3


def send_left_behind(target: Target, spool: Path, limits: Limits) -> int:
    """Sends what earlier runs left for this server and key; returns how many calls are done with."""
    sent = 0
    for folder in left_behind(spool, target, limits):
        for attempt in range(LEFT_BEHIND_ATTEMPTS):
            try:
                _send_folder(target, folder, limits)
                folder.destroy()
                sent += 1
                break
            except (Later, OSError) as error:
                if attempt + 1 == LEFT_BEHIND_ATTEMPTS:
                    folder.close()
                    logger.info("Callscope keeps an unsent call: %s", error)
                    return sent
                time.sleep(backoff_s(attempt))
    return sent


def _send_folder(target: Target, folder: CallFolder, limits: Limits) -> None:
    """Sends what the folder holds; raises Later where some of it has to stay."""
    state = folder.read_json(STATE)
    target = Target(target.host, str(state["otlp"]), target.api_key, int(state["agent_id"]))
    key = str(state["idempotency_key"])
    try:
        if order := folder.read_json(WITHDRAW):
            post(target, WITHDRAW_PATH, order, key + "-withdraw", limits.request_s)
            return
        payload = folder.read_json(PAYLOAD)
        audio = folder.path / AUDIO
        if payload and audio.is_file() and audio.stat().st_size and "audio_s3_key" not in payload:
            with audio.open("rb") as file:
                upload = AudioUpload(target, file, limits)
                try:
                    upload.advance(audio.stat().st_size, final=True)
                    payload["audio_s3_key"] = upload.object_key
                except Refused as error:
                    warn_of(target, error)
        export = span_exporter(target, limits.request_s)
        for path in sorted(folder.path.glob("spans-*.pb")):
            try:
                export(path.read_bytes())
            except Refused as error:
                warn_of(target, error)
            path.unlink()
        if payload and state["posts"]:
            post(target, str(state["path"]), payload, key, limits.request_s)
    except Refused as error:
        warn_of(target, error)


_recovering: set[tuple[str, str]] = set()


def recover(target: Target, spool: Path, limits: Limits) -> None:
    """Begins to send what earlier runs left, once for each server and key of this process."""
    mark = (target.fingerprint, str(spool))
    if mark in _recovering or not spool.is_dir():
        return
    _recovering.add(mark)

    def run() -> None:
        suppress_instrumentation()
        try:
            send_left_behind(target, spool, limits)
        except Exception:
            logger.warning("Callscope failed while sending an earlier call", exc_info=True)

    threading.Thread(target=run, name="callscope-recover", daemon=True).start()
