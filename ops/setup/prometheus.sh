#!/usr/bin/env bash
# Brings promtool, which checks metrics and alert rules in the tests, from the system's package `prometheus`.
#
#   ops/setup/prometheus.sh            installs what is missing (as root, with apt)
#   ops/setup/prometheus.sh --check    says whether it is there, changes nothing
part=prometheus
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

main() {
  options "$@"
  begin
  command -v promtool > /dev/null || install
  check
}

# The package brings a service too, which nobody asked for: a policy that forbids starts keeps it down, unless the
# system has a policy of its own.
install() {
  policy=/usr/sbin/policy-rc.d
  if [ "$(id -u)" = 0 ] && [ ! -e "$policy" ]; then
    trap 'rm -rf "$work" "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy"
  fi
  packages prometheus
  if command -v systemctl > /dev/null; then systemctl disable --quiet prometheus 2> /dev/null || true; fi
}

check() {
  command -v promtool > /dev/null || missing 'promtool (install: sudo apt-get install prometheus)'
  ready "promtool $(promtool --version 2>&1 | sed -n 's/.*version \([0-9.]*\).*/\1/p')"
}

main "$@"
