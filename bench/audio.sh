#!/usr/bin/env bash
# Accuracy and speed of `callscope audio analyze` on synthetic calls: bench/audio/README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${CALLSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/callscope}
venv=$cache/bench-audio-1
command -v espeak-ng >/dev/null && command -v flite >/dev/null || {
  echo "bench/audio needs the Debian packages espeak-ng and flite" >&2
  exit 1
}
if [ ! -e "$venv/ready" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 soundfile==0.14.0
  touch "$venv/ready"
fi
callscope=${CALLSCOPE_BIN:-$here/../build/release/bin/callscope}
what=${1:-all}
[ $# = 0 ] || shift
case "$what" in
  accuracy | speed | human | day) exec "$venv/bin/python" "$here/audio/$what.py" --callscope "$callscope" "$@" ;;
  all)
    "$venv/bin/python" "$here/audio/accuracy.py" --callscope "$callscope"
    exec "$venv/bin/python" "$here/audio/speed.py" --callscope "$callscope"
    ;;
  *)
    echo "usage: bench/audio.sh [accuracy|speed|human|day] [OPTIONS]" >&2
    exit 2
    ;;
esac
