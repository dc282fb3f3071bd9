# shellcheck shell=bash disable=SC2154
# Brings in what the build and the tests need. Sourced by ./dev, which sets `root` and `cache` and
# the helpers say and die. Every function is a no-op of a few milliseconds when nothing is missing.

# shellcheck source=tools/versions.env
. "$root/tools/versions.env"

case "$(uname -m)" in
  x86_64) npm_arch=x64 ;;
  aarch64) npm_arch=arm64 ;;
  *) die "no DuckDB package for $(uname -m); set CALLSCOPE_DUCKDB_DIR to a copy of your own" ;;
esac

duckdb_dir=${CALLSCOPE_DUCKDB_DIR:-$cache/duckdb-$DUCKDB_VERSION}
python_requirements=$root/test/requirements.txt
python_venv=$cache/venv-$(sha256sum <"$python_requirements" | cut -c1-12)

# as_root COMMAND...: runs it directly as root, through sudo otherwise.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    return 1
  fi
}

# apt_install PACKAGE...: installs those of the Debian packages that are missing.
apt_install() {
  local installed missing
  command -v dpkg-query >/dev/null || die "not a Debian system; install by hand: $*"
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  missing=$(printf '%s\n' "$@" | grep -Fxv "$installed" || true)
  [ -n "$missing" ] || return 0
  missing=${missing//$'\n'/ }
  say "installing Debian packages: $missing"
  # shellcheck disable=SC2086
  if ! { as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; }; then
    die "could not install: $missing
Install them as an administrator (apt-get install …) and run ./dev setup again."
  fi
}

setup_apt() {
  # shellcheck disable=SC2046
  apt_install $(grep -v '^#' "$root/tools/apt-packages.txt")
}

# verify FILE SHA256: stops unless the file has that checksum.
verify() {
  echo "$2  $1" | sha256sum --check --status || die "$(basename "$1") does not have the expected checksum $2"
}

# npm_fetch PACKAGE@VERSION SHA256 FOLDER: unpacks a verified npm package into the folder.
npm_fetch() {
  local archive=$3.archive
  mkdir -p "$archive" "$3"
  (cd "$archive" && run_npm pack --silent "$1" >/dev/null) || die "npm could not fetch $1"
  verify "$(echo "$archive"/*.tgz)" "$2"
  tar -xzf "$archive"/*.tgz -C "$3" --strip-components=1
  rm -rf "$archive"
}

node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) || return 1
  printf '%s\n%s\n' "$NODE_MINIMUM" "${version#v}" | sort -VC
}

run_npm() { npm --no-audit --no-fund --no-update-notifier "$@"; }

# use_node puts a new enough node and npm first on PATH: the machine's own, or the cached ones.
use_node() {
  if node_is_new_enough && command -v npm >/dev/null; then return 0; fi
  local dir=$cache/node-$NODE_VERSION-npm-$NPM_VERSION
  if [ ! -e "$dir/bin/npm" ]; then
    say "fetching Node $NODE_VERSION"
    command -v npm >/dev/null || apt_install nodejs npm
    local work sha=NODE_SHA256_$npm_arch
    work=$(mktemp -d "$cache/tmp.XXXXXX")
    npm_fetch "node-linux-$npm_arch@$NODE_VERSION" "${!sha}" "$work/node"
    npm_fetch "npm@$NPM_VERSION" "$NPM_SHA256" "$work/node/lib/node_modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/node/bin/npm"
    ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/node/bin/npx"
    chmod +x "$work"/node/bin/node "$work"/node/lib/node_modules/npm/bin/np?-cli.js
    rm -rf "$dir"
    mv "$work/node" "$dir"
    rm -rf "$work"
  fi
  PATH=$dir/bin:$PATH
}

# setup_duckdb puts lib/libduckdb.so and include/duckdb.h into $duckdb_dir: the library is taken
# from DuckDB's npm package, the header from its Python source archive.
setup_duckdb() {
  if [ -e "$duckdb_dir/lib/libduckdb.so" ] && [ -e "$duckdb_dir/include/duckdb.h" ]; then return 0; fi
  [ -z "${CALLSCOPE_DUCKDB_DIR:-}" ] || die "CALLSCOPE_DUCKDB_DIR=$duckdb_dir has no lib/libduckdb.so and include/duckdb.h"
  say "fetching DuckDB $DUCKDB_VERSION"
  use_node
  local work sha=DUCKDB_BINDINGS_SHA256_$npm_arch
  work=$(mktemp -d "$cache/tmp.XXXXXX")
  npm_fetch "@duckdb/node-bindings-linux-$npm_arch@$DUCKDB_BINDINGS_VERSION" "${!sha}" "$work/bindings"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary duckdb \
    --dest "$work" "duckdb==$DUCKDB_VERSION" || die "pip could not fetch duckdb==$DUCKDB_VERSION"
  verify "$work/duckdb-$DUCKDB_VERSION.tar.gz" "$DUCKDB_SDIST_SHA256"
  mkdir -p "$work/done/lib" "$work/done/include"
  mv "$work/bindings/libduckdb.so" "$work/done/lib/"
  tar -xzf "$work/duckdb-$DUCKDB_VERSION.tar.gz" -C "$work/done/include" --strip-components=5 \
    "duckdb-$DUCKDB_VERSION/external/duckdb/src/include/duckdb.h"
  [ -e "$work/done/include/duckdb.h" ] || die "duckdb==$DUCKDB_VERSION holds no duckdb.h"
  rm -rf "$duckdb_dir"
  mv "$work/done" "$duckdb_dir"
  rm -rf "$work"
}

# setup_silero puts the weights of the speech detector into the cache, taken from its Python package.
setup_silero() {
  local dir=$cache/silero-vad-$SILERO_VAD_VERSION
  if [ -e "$dir/silero_vad.bin" ]; then return 0; fi
  say "fetching the speech detector's weights, silero-vad $SILERO_VAD_VERSION"
  local work
  work=$(mktemp -d "$cache/tmp.XXXXXX")
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --dest "$work" "silero-vad==$SILERO_VAD_VERSION" || die "pip could not fetch silero-vad==$SILERO_VAD_VERSION"
  verify "$(echo "$work"/*.whl)" "$SILERO_VAD_WHEEL_SHA256"
  mkdir "$work/done"
  python3 "$root/tools/silero_weights.py" "$work"/*.whl "$work/done/silero_vad.bin"
  verify "$work/done/silero_vad.bin" "$SILERO_VAD_WEIGHTS_SHA256"
  rm -rf "$dir"
  mv "$work/done" "$dir"
  rm -rf "$work"
}

# npm_packages FOLDER: installs its locked packages when the lock file or the Node version has changed.
npm_packages() {
  [ -e "$1/package-lock.json" ] || return 0
  use_node
  local stamp=$1/node_modules/.callscope-stamp want
  want=$( (node --version && cat "$1/package-lock.json") | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return 0
  say "installing the npm packages of ${1#"$root"/}"
  (cd "$1" && run_npm ci --loglevel=error >&2) || die "npm could not install the packages of $1"
  echo "$want" >"$stamp"
}

# setup_python makes the tests' virtual environment, one for each version of test/requirements.txt.
setup_python() {
  [ -e "$python_venv/.callscope-stamp" ] && return 0
  say "making the tests' Python environment"
  rm -rf "$python_venv"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed"
  python3 -m venv "$python_venv"
  "$python_venv/bin/pip" install --quiet --disable-pip-version-check -r "$python_requirements" ||
    die "could not install test/requirements.txt"
  touch "$python_venv/.callscope-stamp"
}

# once NAME FUNCTION ARGS...: runs it in a subshell that holds a lock, so that two ./dev side by
# side share a download. Call it plainly, not before || or in an if: set -e has to hold inside.
once() {
  local name=$1
  shift
  (
    flock 9
    "$@"
  ) 9>"$cache/$name.lock"
}

# setup_build: all that compiling needs. setup_tests: all that the tests need beyond it.
setup_build() {
  mkdir -p "$cache"
  once apt setup_apt
  once node use_node
  use_node
  once silero setup_silero
  once duckdb setup_duckdb &
  local duckdb=$!
  once ui npm_packages "$root/ui"
  wait $duckdb
}

setup_tests() {
  once venv setup_python &
  local venv=$!
  once test-node npm_packages "$root/test/node"
  if [ -e "$root/ui/package.json" ]; then once apt apt_install chromium espeak-ng; fi
  wait $venv
}
