#!/usr/bin/env python3
"""Says what a data folder spends its bytes on: a line for each column of the lake's spans, and the catalog."""

from __future__ import annotations

import argparse
import collections
import pathlib

import pyarrow.parquet


def bytes_of_columns(lake: pathlib.Path) -> tuple[int, dict[str, int]]:
    """The number of spans in the Parquet files of `lake`, and the compressed bytes of each column."""
    spans = 0
    columns: dict[str, int] = collections.Counter()
    for file in sorted(lake.glob("spans/*/*.parquet")):
        footer = pyarrow.parquet.read_metadata(file)
        spans += footer.num_rows
        for group in range(footer.num_row_groups):
            for column in range(footer.num_columns):
                chunk = footer.row_group(group).column(column)
                columns[chunk.path_in_schema] += chunk.total_compressed_size
        columns["(footers and indexes)"] += file.stat().st_size
    columns["(footers and indexes)"] -= sum(n for name, n in columns.items() if not name.startswith("("))
    return spans, columns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path, help="a data folder; its server may run")
    parser.add_argument(
        "--least",
        type=float,
        default=0.1,
        metavar="BYTES",
        help="columns below it are one line (%(default)s)",
    )
    arguments = parser.parse_args()
    spans, columns = bytes_of_columns(arguments.data / "lake")
    if spans == 0:
        parser.error(f"no spans in {arguments.data / 'lake'}")
    columns["(catalog)"] = sum(file.stat().st_size for file in arguments.data.glob("catalog.db*"))
    few = {name: n for name, n in columns.items() if n < arguments.least * spans}
    rows = sorted(((name, n) for name, n in columns.items() if name not in few), key=lambda row: -row[1])
    rows.append((f"({len(few)} other columns)", sum(few.values())))
    print(f"| {spans:,} spans | bytes a span |\n|---|---|")
    for name, size in rows:
        print(f"| {name} | {size / spans:.2f} |")
    print(f"| all | {sum(columns.values()) / spans:.1f} |")


if __name__ == "__main__":
    main()
