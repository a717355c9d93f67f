#!/usr/bin/env bash
# Brings libfaketime, from the system's package: with it `npm run chaos` has the clock of a member jump.
#
#   ops/setup/faketime.sh            installs what is missing (as root, with apt)
#   ops/setup/faketime.sh --check    says whether it works, changes nothing
part=faketime
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

main() {
  options "$@"
  begin
  works || packages faketime
  check
}

works() {
  command -v faketime > /dev/null && [ "$(faketime -f '@2001-02-03 04:05:06' date +%Y 2> /dev/null)" = 2001 ]
}

check() {
  works || missing 'faketime (install: sudo apt-get install faketime)'
  ready "libfaketime $(faketime --version 2>&1 | sed -n 's/.*[Vv]ersion \([0-9.]*\).*/\1/p' | head -n 1)"
}

main "$@"
