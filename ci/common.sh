# What the scripts in ci/ share: where the project is, how they speak, how they run a command
# quietly and never leave one behind. Sourced by bash, not run.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
LOGS="$ROOT/build/ci-logs"
JOBS="$(nproc 2>/dev/null || echo 2)"
job_pid=""

say() { printf '%s\n' "$*" >&2; }

die() {  # die <exit code> <message>...
  local code=$1
  shift
  say "error: $*"
  exit "$code"
}

as_root() {  # runs a command with the rights to install packages
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -E "$@"
  else
    die 2 "no right to install packages: neither root nor sudo. Run as root: $*"
  fi
}

apt_update() {  # refreshes apt's lists, twice if need be
  logged apt-update as_root apt-get -q -o Acquire::Retries=2 update \
    || { sleep 3 && logged apt-update as_root apt-get -q -o Acquire::Retries=2 update; } \
    || die 7 "apt-get update failed; check the network and /etc/apt/sources.list"
}

stop_job() {  # ends the running command and everything it started
  if [ -n "$job_pid" ]; then
    kill -TERM -- "-$job_pid" 2>/dev/null || true
    job_pid=""
  fi
}
trap stop_job EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run_job <command>...: runs a command in a process group of its own, without standard input, and
# returns its status.
run_job() {
  local status=0
  set -m
  "$@" </dev/null &
  job_pid=$!
  set +m
  wait "$job_pid" || status=$?
  job_pid=""
  return "$status"
}

# logged <name> <command>...: output goes to build/ci-logs/<name>.log; its end is shown on failure.
logged() {
  local name=$1 status=0
  shift
  mkdir -p "$LOGS"
  run_job "$@" >"$LOGS/$name.log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    say "failed ($status): $*"
    say "--- the end of build/ci-logs/$name.log"
    tail -n 80 "$LOGS/$name.log" >&2
    say "---"
  fi
  return "$status"
}

# build_preset <preset> [target]...: configures when needed, builds, says nothing unless it fails.
build_preset() {
  local preset=$1
  shift
  local targets=()
  if [ $# -gt 0 ]; then targets=(--target "$@"); fi
  if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
    export CCACHE_BASEDIR="$ROOT" CCACHE_NOHASHDIR=1  # one checkout's objects serve another's
  fi
  logged "$preset-configure" cmake --preset "$preset" || return
  logged "$preset-build" cmake --build --preset "$preset" -j "$JOBS" "${targets[@]}"
}
