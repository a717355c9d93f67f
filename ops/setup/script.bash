# Sourced by the set-up scripts of this folder, which set `part`: one lock, one cache, one closing line.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${SACCADE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/saccade}

# The two ways a script ends, each one line on stdout.
ready() {
  echo "$part: ready ($1)"
  exit 0
}
missing() {
  echo "$part: missing: $1"
  exit 1
}

# The options of a script that has no others: --check, and --remove where there is a function of that name. Both end it.
options() {
  local known=--check
  if declare -F remove > /dev/null; then known='--check, --remove'; fi
  case ${1:-} in
    '') return ;;
    --check) check ;;
    --remove) if [ "$known" != --check ]; then remove; fi ;;
  esac
  missing "an option that it knows (got $1; it has $known)"
}

# What a long step is doing, on stderr.
say() { echo "$part: $1" >&2; }

# Holds the lock of this part until the script ends, and gives it a scratch folder, `work`, that goes with it. Scratch
# folders of scripts that were killed go too: under the lock no other is in use. What is finished leaves by `mv`.
begin() {
  command -v flock > /dev/null || missing 'flock (package util-linux)'
  mkdir -p "$cache" || missing "a cache folder that can be written ($cache; set SACCADE_CACHE)"
  exec 9> "$cache/$part.lock"
  flock --timeout 1800 9 || missing "its lock: another set-up has held $cache/$part.lock for 30 minutes"
  rm -rf "$cache/$part.work".*
  work=$(mktemp -d "$cache/$part.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM HUP
}

# Runs a command quietly; if it fails, ends the script with what is missing and the line that says why.
# usage: try WHAT COMMAND…
try() {
  local what=$1
  shift
  "$@" > "$work/log" 2>&1 < /dev/null || missing "$what: $(reason "$work/log")"
}

# The first line that speaks of an error, else the last one.
reason() {
  { grep -m 1 -E '(error|Error|ERROR|^E):' "$1" || grep -v '^\s*$' "$1" | tail -n 1; } | cut -c 1-300
}

# Installs system packages where that is possible: as root, on a system with apt.
# usage: packages NAME…
packages() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then missing "$* (install: sudo apt-get install $*)"; fi
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600)
  say "installing $*"
  # The lists may be absent (a fresh image) or stale; installing without asking for them first is the quick case.
  "${apt[@]}" install --no-install-recommends "$@" > "$work/log" 2>&1 < /dev/null && return
  try "the system's list of packages" "${apt[@]}" update
  try "$*" "${apt[@]}" install --no-install-recommends "$@"
}
