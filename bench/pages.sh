#!/usr/bin/env bash
# The web UI in Chromium: a call of two hours, and a list of 100,000 calls (--calls N for another number).
exec npm --prefix "$(dirname "$0")/../ui" run --silent speed -- "$@"
