"""Starts the real binary for a test and talks to it."""

import os
import queue
import re
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests

ROOT = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("CALLSCOPE_BIN", ROOT / "build" / "release" / "bin" / "callscope"))
READY = re.compile(r"^ready grpc=(\S+) http=(\S+)$")
# Sanitized and busy machines are slow; a test that waits this long has found a hang.
START_SECONDS = 60
STOP_SECONDS = 60
REQUEST_SECONDS = 60

T = TypeVar("T")


def eventually(question: Callable[[], T], timeout: float = 60, every: float = 0.01) -> T:
    """Returns the first truthy answer; an answer may also come by no longer raising AssertionError."""
    deadline = time.monotonic() + timeout
    wake = threading.Event()
    while True:
        problem: AssertionError | None = None
        try:
            answer = question()
            if answer:
                return answer
        except AssertionError as error:
            problem = error
        if time.monotonic() > deadline:
            raise problem or AssertionError(f"not so within {timeout} s")
        wake.wait(every)
        every = min(every * 1.5, 0.2)


@dataclass(frozen=True)
class Project:
    """A project and a key to it, and what exporters need to send there."""

    id: int
    key: str
    server: "Server"

    @property
    def headers(self) -> dict[str, str]:
        return {"x-cekura-api-key": self.key}

    def get(self, path: str, **parameters: Any) -> requests.Response:
        return self.server.get(path, key=self.key, **parameters)

    def read(self, path: str, **parameters: Any) -> Any:
        """Returns the JSON of an answer that has to be 200."""
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def items(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """Returns all the items of a list, page after page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.read(path, **parameters, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page.get("next")
            if not cursor:
                return items

    def spans_of_trace(self, trace_id: str) -> list[dict[str, Any]]:
        """Returns the spans of a trace, none where there is no such trace."""
        answer = self.get(f"traces/{trace_id}")
        if answer.status_code == 404:
            return []
        assert answer.status_code == 200, answer.text[:500]
        return answer.json()["spans"]

    def wait_for_spans(self, trace_id: str, count: int, timeout: float = 60) -> list[dict[str, Any]]:
        def complete() -> list[dict[str, Any]]:
            spans = self.spans_of_trace(trace_id)
            assert len(spans) >= count, f"{len(spans)} of {count} spans of {trace_id}"
            return spans

        return eventually(complete, timeout)

    def wait_for_call(self, trace_id: str, timeout: float = 60) -> dict[str, Any]:
        """Returns the call that has the trace, once there is one."""

        def found() -> dict[str, Any] | None:
            for call in self.items("calls"):
                if trace_id in call["trace_ids"]:
                    return self.read(f"calls/{call['id']}")
            return None

        return eventually(found, timeout)


class Server:
    """One `callscope serve` on free ports of the loopback interface, with its data folder."""

    def __init__(
        self,
        data: Path,
        *,
        options: list[str] | None = None,
        environment: Mapping[str, str] | None = None,
        wrapper: list[str] | None = None,
    ) -> None:
        self.data = data
        self.key = "test-" + secrets.token_hex(16)
        self.grpc = ""
        self.http = ""
        self.banner: list[str] = []
        self.log = data.parent / f"{data.name}.log"
        self._options = options or []
        self._environment = dict(environment or {})
        self._wrapper = wrapper or []
        self._process: subprocess.Popen[str] | None = None
        self._session = requests.Session()

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the server was not started"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def command(self) -> list[str]:
        return [
            *self._wrapper,
            str(BINARY),
            "serve",
            "--data",
            str(self.data),
            "--grpc",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
            *self._options,
        ]

    def start(self, *options: str) -> "Server":
        """Starts the process and returns once it has said that it can answer."""
        assert self._process is None, "already running"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLSCOPE_")}
        environment |= {"CALLSCOPE_BOOTSTRAP_KEY": self.key} | self._environment
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command(), *options], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._drain, args=(self._process, lines), daemon=True).start()
        self.banner = []
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self.kill9()
                raise AssertionError(f"not ready within {START_SECONDS} s\n{self.log_tail()}") from None
            if line is None:
                code = self._process.wait()
                self._process = None
                raise AssertionError(f"ended with {code} before it was ready\n{self.log_tail()}")
            ready = READY.match(line)
            if ready:
                self.grpc, self.http = ready.group(1), ready.group(2).rstrip("/")
                return self
            self.banner.append(line)

    @staticmethod
    def _drain(process: subprocess.Popen[str], lines: "queue.Queue[str | None]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    def log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""

    def _finish(self, sign: signal.Signals) -> int:
        process, self._process = self.process, None
        process.send_signal(sign)
        try:
            code = process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(
                f"did not end within {STOP_SECONDS} s of {sign.name}\n{self.log_tail()}"
            ) from None
        # A closed connection of the last run would be found out only by the next request.
        self._session.close()
        return code

    def stop(self) -> None:
        """SIGTERM: the server drains what it has and ends with 0."""
        code = self._finish(signal.SIGTERM)
        assert code == 0, f"ended with {code} on SIGTERM\n{self.log_tail()}"

    def kill9(self) -> None:
        self._finish(signal.SIGKILL)

    def restart(self, *options: str) -> "Server":
        if self._process is not None:
            self.stop()
        return self.start(*options)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """Ends a server that a test has left running; it has to end cleanly."""
        if self._process is None:
            return
        code = self._process.poll()
        if code is not None:
            self._process = None
            raise AssertionError(f"the server died with {code}\n{self.log_tail()}")
        self.stop()

    def url(self, path: str) -> str:
        """Returns the URL of a path; one without a leading slash is below /api/v1/."""
        return self.http + (path if path.startswith("/") else f"/api/v1/{path}")

    def request(
        self, method: str, path: str, *, key: str | None = None, **arguments: Any
    ) -> requests.Response:
        headers = dict(arguments.pop("headers", {}))
        if key is not None:
            headers.setdefault("x-cekura-api-key", key)
        arguments.setdefault("timeout", REQUEST_SECONDS)
        return self._session.request(method, self.url(path), headers=headers, **arguments)

    def get(self, path: str, *, key: str | None = None, **parameters: Any) -> requests.Response:
        return self.request("GET", path, key=key or self.key, params=parameters)

    def create(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.request("POST", path, key=self.key, json=body)
        assert answer.status_code in (200, 201), f"POST {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def new_project(self, name: str | None = None, access: str = "read-write") -> Project:
        project = self.create("projects", name=name or f"project {secrets.token_hex(4)}")
        return Project(project["id"], self.new_key(project["id"], access), self)

    def new_key(self, project_id: int, access: str = "read-write") -> str:
        return self.create("keys", project_id=project_id, access=access, name="test")["key"]

    def run_cli(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs the command line tool; the caller gives --data where the command needs it."""
        done = subprocess.run(
            [str(BINARY), *arguments], capture_output=True, text=True, timeout=REQUEST_SECONDS, check=False
        )
        if check:
            assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done
