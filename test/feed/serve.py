"""Starts a server, feeds it calls, prints where it is, and runs until its standard input is closed.

A POST to `control` moves the running call: /turn has it go on by a turn, /end ends it. README.md says who uses this.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tell_livekit  # noqa: E402
import tell_pipecat  # noqa: E402
import voices  # noqa: E402
from dialogues import ALL, BANK, DENTIST, SUPPORT  # noqa: E402
from running import RunningCall  # noqa: E402
from server import Project, Server, eventually  # noqa: E402
from story import Story, tell, varied  # noqa: E402
from tracing import Tracing, http_exporter, trace_id  # noqa: E402

MINUTE_NS = 60_000_000_000
# The recording begins this much later than the call does.
RECORDING_STARTS_S = 0.15
RECENT_EVERY_NS = 22 * MINUTE_NS
RECORDED_EACH = 5
HEARD_SECONDS = 120
LARGE_ROWS = 40_000
PIPECAT_AGENT = HERE.parent / "exporters" / "pipecat_agent.py"
MODELS = ("gpt-4.1-mini", "gpt-4o-mini", "gpt-4.1")

FOREIGN = [
    {
        "role": "agent",
        "text": "お電話ありがとうございます。ご用件をどうぞ。",
        "start_s": 0.4,
        "end_s": 3.1,
    },
    {
        "role": "caller",
        "text": "予約を変更したいのですが。",
        "start_s": 3.9,
        "end_s": 6.0,
        "confidence": 0.62,
    },
    {
        "role": "agent",
        "text": "Natürlich, für welchen Tag möchten Sie umbuchen?",
        "start_s": 6.9,
        "end_s": 9.8,
    },
    {"role": "caller", "text": "يوم الخميس من فضلك", "start_s": 10.6, "end_s": 12.0},
    {
        "role": "tool",
        "text": "",
        "start_s": 12.2,
        "tool": {
            "id": "t1",
            "name": "move_booking",
            "arguments": '{"day": "الخميس"}',
            "result": '{"ok": true, "день": "четверг"}',
        },
    },
    {
        "role": "agent",
        "text": "Done. Any",
        "generated_text": "Done. Anything else?",
        "start_s": 13.4,
        "end_s": 14.6,
        "interrupted": True,
    },
]


def iso(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat()


class Feeder:
    """Sends calls into one project and finds out what they became."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.now = time.time_ns()

    def post(self, path: str, **arguments: Any) -> dict[str, Any]:
        answer = self.project.server.request("POST", path, key=self.project.key, **arguments)
        assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def call_of(self, trace_id: str) -> int:
        return int(self.project.wait_for_call(trace_id)["id"])

    def add_recording(self, call: int, data: bytes, **parameters: Any) -> None:
        self.post(f"calls/{call}/recordings", data=data, params=parameters)

    def add_logs(self, call: int, start_ns: int, story: Story) -> None:
        lines = []
        for turn in story.turns:
            lines.append((turn.decided, "INFO", f"end of turn after {turn.exchange.endpointing_ms:.0f} ms"))
            if turn.tool is not None and turn.exchange.tool is not None:
                tool = turn.exchange.tool
                lines.append((turn.tool[0], "DEBUG", f"tool {tool.name} called"))
                if tool.error:
                    lines.append((turn.tool[1], "ERROR", f"tool {tool.name} failed: {tool.error}"))
        body = {
            "items": [
                {
                    "timestamp": iso(start_ns + int(at * 1e9)),
                    "level": level,
                    "logger": "agent",
                    "message": message,
                }
                for at, level, message in lines
            ]
        }
        self.post(f"calls/{call}/logs", json=body)

    def pipecat(self) -> int:
        """A recorded call whose recording says when it began."""
        story = voices.spoken_story(SUPPORT)
        start = self.now - 9 * MINUTE_NS
        call = self.call_of(tell_pipecat.tell(self.project, story, start, name="conv-tent"))
        self.post(
            "calls",
            json={"call_id": "conv-tent", "end_reason": "caller hung up", "metadata": SUPPORT.metadata},
        )
        self.add_logs(call, start, story)
        sound = voices.wav(voices.record(story, starts=RECORDING_STARTS_S))
        self.add_recording(
            call, sound, started_at=iso(start + int(RECORDING_STARTS_S * 1e9)), agent_channel=1
        )
        return call

    def livekit(self) -> int:
        """A recorded call whose recording says nothing of its time, in samples that no browser plays."""
        story = voices.spoken_story(DENTIST)
        call = self.call_of(tell_livekit.tell(self.project, story, self.now - 14 * MINUTE_NS))
        samples = voices.record(story, starts=0.4).tobytes()
        self.add_recording(
            call, samples, sample_rate=voices.RATE, channels=2, encoding="s16le", agent_channel=1
        )
        return call

    def call_log(self) -> int:
        """No spans at all: a posted call log and its recording."""
        story = voices.spoken_story(BANK)
        start = self.now - 21 * MINUTE_NS
        transcript = [
            {
                "role": role,
                "content": spoken.text,
                "start_time": round(spoken.start, 2),
                "end_time": round(spoken.end, 2),
            }
            for role, spoken in [("Main Agent", story.greeting)]
            + [
                pair
                for turn in story.turns
                for pair in (("Testing Agent", turn.caller), ("Main Agent", turn.agent))
            ]
        ]
        made = self.post(
            "/observability/v1/observe/",
            json={
                "assistant_id": "card-line",
                "call_id": "card-77",
                "timestamp": iso(start),
                "transcript_type": "cekura",
                "transcript_json": transcript,
                "call_ended_reason": "agent ended the call",
                "metadata": BANK.metadata,
            },
        )
        call = int(made["id"])
        self.add_recording(call, voices.wav(voices.record(story)), started_at=iso(start), agent_channel=1)
        return call

    def foreign(self) -> int:
        start = self.now - 26 * MINUTE_NS
        report = {
            "call_id": "予約-1",
            "started_at": iso(start),
            "ended_at": iso(start + 16_000_000_000),
            "end_reason": "caller hung up",
            "metadata": {"language": "日本語"},
            "transcript": FOREIGN,
        }
        return int(self.post("calls", json=report)["id"])

    def broken_recording(self) -> int:
        call = self.call_of(tell_pipecat.tell(self.project, tell(BANK), self.now - 33 * MINUTE_NS))
        sound = voices.flac(voices.record(voices.spoken_story(DENTIST)))
        self.add_recording(call, sound[: len(sound) // 3] + bytes(len(sound) // 3))
        return call

    def large_value(self) -> str:
        """A span of a call of its own with a value of megabytes."""
        tracing = Tracing(http_exporter(self.project), "archive", "archiver", self.now - 37 * MINUTE_NS)
        rows = [{"row": row, "text": "the quick brown fox"} for row in range(LARGE_ROWS)]
        root = tracing.open("conversation", 0, {"conversation.id": "conv-large"})
        tracing.span("fetch_history", (1, 2.5), {"history": json.dumps(rows), "rows": LARGE_ROWS}, root)
        root.end(tracing.at(4))
        tracing.flush()
        tracing.close()
        return trace_id(root)

    def words_in_logs(self) -> int:
        """What the model was asked and answered stands in log lines beside the spans, not on them."""
        captured = json.loads((HERE.parent / "cases" / "lines" / "otel-openai-v2-2.1b0.json").read_text())
        for signal, key in (("traces", "resourceSpans"), ("logs", "resourceLogs")):
            sent = self.project.server.request(
                "POST", f"/v1/{signal}", key=self.project.key, json={key: captured[key]}
            )
            assert sent.status_code == 200, sent.text[:500]
        return self.call_of(captured["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"])

    def own_spans(self) -> int:
        """A real Pipecat pipeline with its own tracing."""
        environment = os.environ | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{self.project.server.grpc}",
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-cekura-api-key={self.project.key}",
        }
        done = subprocess.run(
            [sys.executable, str(PIPECAT_AGENT)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        conversation = json.loads(done.stdout)["conversation_id"]

        def found() -> int | None:
            return next((c["id"] for c in self.project.items("calls") if c["call_id"] == conversation), None)

        return int(eventually(found))

    def recent(self, count: int) -> None:
        """Calls of the last hours, for lists and percentiles; one in `RECORDED_EACH` was recorded."""
        for number in range(count):
            dialogue = varied(ALL[number % len(ALL)], number)
            recorded = number % RECORDED_EACH == 0
            story = voices.spoken_story(dialogue) if recorded else tell(dialogue)
            start = self.now - 40 * MINUTE_NS - number * RECENT_EVERY_NS
            if number % 3 == 2:
                trace = tell_livekit.tell(self.project, story, start, room=f"RM_{number}")
            else:
                trace = tell_pipecat.tell(self.project, story, start, model=MODELS[number % len(MODELS)])
            if recorded:
                sound = voices.wav(voices.record(story))
                self.add_recording(self.call_of(trace), sound, started_at=iso(start), agent_channel=1)

    def wait_until_heard(self) -> None:
        def heard() -> bool:
            calls = [self.project.read(f"calls/{call['id']}") for call in self.project.items("calls")]
            states = [call["audio"]["state"] for call in calls if call["audio"] is not None]
            assert all(state in ("done", "failed") for state in states), states
            return True

        eventually(heard, HEARD_SECONDS)


def feed(server: Server, recent: int) -> tuple[dict[str, Any], RunningCall]:
    for dialogue in ALL:
        server.create("agents", name=dialogue.agent, service_name=dialogue.agent)
    project = Project(1, server.key, server)
    feeder = Feeder(project)
    calls = {
        "pipecat": feeder.pipecat(),
        "livekit": feeder.livekit(),
        "call_log": feeder.call_log(),
        "foreign": feeder.foreign(),
        "broken_recording": feeder.broken_recording(),
        "real_pipecat": feeder.own_spans(),
        "words_in_logs": feeder.words_in_logs(),
        "large_value": feeder.call_of(feeder.large_value()),
    }
    feeder.recent(recent)
    feeder.wait_until_heard()
    running = RunningCall(project)
    calls["running"] = feeder.call_of(running.trace_id)
    empty = server.new_project("an empty one")
    reader = server.new_key(1, "read-only")
    place = {
        "url": server.http,
        "grpc": server.grpc,
        "key": server.key,
        "empty_key": empty.key,
        "reader_key": reader,
    }
    return place | {"calls": calls}, running


def control(running: RunningCall) -> str:
    """Lets others move the running call; returns where."""
    moves = {"/turn": running.turn, "/end": running.end}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            move = moves.get(self.path)
            if move is not None:
                move()
            self.send_response(404 if move is None else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{listener.server_port}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--recent", type=int, default=30, help="calls of the last hours beside the named ones"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callscope-feed-") as folder:
        server = Server(Path(folder) / "data").start()
        try:
            place, running = feed(server, arguments.recent)
            print(json.dumps(place | {"control": control(running)}), flush=True)
            sys.stdin.read()
        finally:
            server.close()


if __name__ == "__main__":
    main()
