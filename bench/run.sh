#!/usr/bin/env bash
# The whole table: ingest, lookup, disk use and crash safety of the release build.
exec "$(dirname "$0")/ingest.py" "$@"
