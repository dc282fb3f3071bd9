"""The lake is plain Parquet: Apache Arrow, which shares no code with our writer, reads it."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.compute
import pyarrow.parquet
from otlp import GrpcSender, LogRequest, make_call, make_request, make_span, new_trace_id
from server import Project, Server


def read(folder: Path) -> pyarrow.Table:
    files = sorted(folder.rglob("*.parquet"))
    assert files, f"no segment in {folder}"
    return pyarrow.concat_tables(
        pyarrow.parquet.ParquetFile(file, page_checksum_verification=True).read() for file in files
    )


def attributes(row: dict[str, str]) -> dict[str, object]:
    """As docs/formats/lake.md puts them together."""
    parts = (row["attribute_" + part] for part in ("values", "ids", "numbers", "texts"))
    values = [value for part in parts for value in json.loads(part or "[]")]
    return dict(zip(json.loads(row["attribute_keys"]), values, strict=True))


def send_calls(project: Project, traces: int) -> dict[str, dict[str, str]]:
    """Sends calls; returns the span names by span id by trace id."""
    sender = GrpcSender(project.server)
    sent: dict[str, dict[str, str]] = {}
    for number in range(traces):
        trace_id = new_trace_id()
        spans = make_call(trace_id, turns=1 + number % 4, marker=f"ünï {number}")
        spans.append(make_span("", trace_id, text="x" * (number * 997 % 5000), error="odd"))
        assert sender.send(
            make_request(spans, service=f"agent {number % 3}"), headers=project.headers
        ).accepted
        sent[trace_id.hex()] = {span.span_id.hex(): span.name for span in spans}
    sender.close()
    return sent


def test_a_stranger_reads_every_span(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    sent = send_calls(project, 150)
    server.stop()
    table = read(server.data / "lake" / "spans")
    found: dict[str, dict[str, str]] = {}
    for row in table.select(["trace_id", "span_id", "name", "project_id"]).to_pylist():
        assert row["project_id"] == project.id
        found.setdefault(row["trace_id"].hex(), {})[row["span_id"].hex()] = row["name"]
    assert found == sent
    assert table.num_rows == sum(len(spans) for spans in sent.values())

    llm = table.filter(pyarrow.compute.equal(table["kind"], "llm"))
    assert set(llm["model"].to_pylist()) == {"gpt-4.1-mini"}
    assert set(llm["billable"].to_pylist()) == {True}
    assert pyarrow.compute.min(llm["input_tokens"]).as_py() == 300
    assert set(llm["characters"].to_pylist()) == {None}
    tools = table.filter(pyarrow.compute.equal(table["kind"], "tool"))
    rows = tools.select([name for name in tools.column_names if name.startswith("attribute_")])
    assert {attributes(row)["function.name"] for row in rows.to_pylist()} == {"look_up_order"}
    assert str(table.schema.field("start_time").type) == "timestamp[ns, tz=UTC]"


def test_rows_are_in_the_order_that_the_format_says(new_server: Callable[..., Server]) -> None:
    server = new_server()
    send_calls(server.new_project(), 60)
    server.stop()
    for file in (server.data / "lake" / "spans").rglob("*.parquet"):
        columns = pyarrow.parquet.read_table(
            file, columns=["trace_id", "project_id", "start_time", "span_id"]
        )
        columns = columns.set_column(2, "start_time", columns["start_time"].cast("int64"))
        rows = list(zip(*(column.to_pylist() for column in columns.columns), strict=True))
        assert rows == sorted(rows)
        metadata = pyarrow.parquet.read_metadata(file).metadata
        assert metadata[b"callscope.format"].startswith(b"spans/")
        offset, length = map(int, metadata[b"callscope.trace_index"].split(b":"))
        index = file.read_bytes()[offset : offset + length]
        entries = [index[at : at + 32] for at in range(0, length, 32)]
        assert [entry[:16] for entry in entries] == sorted({row[0] for row in rows})
        assert sum(int.from_bytes(entry[28:32], "little") for entry in entries) == len(rows)


def test_log_lines_are_there_too(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    logs = LogRequest()
    trace_id = new_trace_id()
    for number in range(40):
        record = logs.resource_logs.add().scope_logs.add().log_records.add()
        record.trace_id, record.body.string_value = trace_id, f"line {number}"
    sender = GrpcSender(server)
    assert sender.send(logs, headers=project.headers).accepted
    sender.close()
    server.stop()
    table = read(server.data / "lake" / "logs")
    assert sorted(map(json.loads, table["body"].to_pylist())) == sorted(
        f"line {number}" for number in range(40)
    )
    assert {value.hex() for value in table["trace_id"].to_pylist()} == {trace_id.hex()}
