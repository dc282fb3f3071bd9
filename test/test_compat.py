"""Data folders that earlier versions wrote open in this one: each folder of test/compat.

A folder holds `data`, the data folder as the version left it when it was killed, and `expected.json`.
It is made by `python test/test_compat.py NAME` and never changed afterwards.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from otlp import GrpcSender, make_call, make_request, make_span, new_trace_id
from server import Project, Server

COMPAT = Path(__file__).parent / "compat"
KEY = "compat-key"


def names_of(spans: list[dict]) -> list[str]:
    return sorted(span["name"] for span in spans)


@pytest.mark.parametrize("folder", sorted(COMPAT.iterdir()), ids=lambda folder: folder.name)
def test_an_older_data_folder_opens(folder: Path, tmp_path: Path, new_server: Callable[..., Server]) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    shutil.copytree(folder / "data", tmp_path / "data0")
    server = new_server()  # on data0
    project = Project(expected["project"], KEY, server)
    for trace_id, trace in expected["traces"].items():
        spans = project.spans_of_trace(trace_id)
        assert names_of(spans) == trace["names"]
        by_id = {span["span_id"]: span for span in spans}
        for span_id, attributes in trace["attributes"].items():
            assert by_id[span_id]["attributes"] == attributes
    calls = {call["trace_ids"][0]: call for call in project.items("calls")}
    for trace_id, call in expected["calls"].items():
        assert {name: calls[trace_id][name] for name in call} == call
    # It is not only read: new spans go beside the old ones.
    trace_id = new_trace_id()
    sender = GrpcSender(server)
    assert sender.send(make_request([make_span("llm", trace_id)]), headers=project.headers).accepted
    sender.close()
    assert len(project.wait_for_spans(trace_id.hex(), 1)) == 1


def write_folder(name: str) -> None:
    """Lets this version write a folder: spans in the lake, others only in the log."""
    folder = COMPAT / name
    with tempfile.TemporaryDirectory() as temporary:
        server = Server(Path(temporary) / "data", environment={"CALLSCOPE_BOOTSTRAP_KEY": KEY})
        server.key = KEY
        server.start()
        project = Project(1, KEY, server)
        traces = [new_trace_id() for _ in range(3)]
        for number, trace_id in enumerate(traces):
            if number == 2:
                server.restart()  # what came before is in the lake then
            sender = GrpcSender(server)
            spans = make_call(trace_id, turns=2, marker=f"ünï {number}")
            assert sender.send(make_request(spans), headers=project.headers).accepted
            sender.close()
            project.wait_for_call(trace_id.hex())
        expected: dict = {"project": 1, "traces": {}, "calls": {}}
        for trace_id in traces:
            spans = project.spans_of_trace(trace_id.hex())
            expected["traces"][trace_id.hex()] = {
                "names": names_of(spans),
                "attributes": {span["span_id"]: span["attributes"] for span in spans},
            }
        for call in project.items("calls"):
            kept = ("call_id", "started_at", "ended_at", "trace_ids")
            expected["calls"][call["trace_ids"][0]] = {name: call[name] for name in kept}
        server.kill9()
        shutil.copytree(
            server.data, folder / "data", ignore=shutil.ignore_patterns("lock", "server.json", "*-shm")
        )
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write_folder(sys.argv[1])
