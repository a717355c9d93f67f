#!/usr/bin/env bash
# Brings PyTorch for `npm run bench:train`, from the system's package `python3-torch`: the yardstick for a step of
# training. Nothing else needs it, so neither the tests nor CI set it up.
#
#   ops/setup/torch.sh            installs what is missing (as root, with apt)
#   ops/setup/torch.sh --check    says whether it works, changes nothing
part=torch
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

main() {
  options "$@"
  begin
  works || packages python3-torch
  check
}

# The system's own Python, rather than the first on the path: the package belongs to it.
works() {
  /usr/bin/python3 -c 'import torch; torch.ones(2) @ torch.ones(2)' 2> /dev/null
}

check() {
  works || missing 'python3-torch (install: sudo apt-get install python3-torch)'
  ready "PyTorch $(/usr/bin/python3 -c 'import torch; print(torch.__version__)')"
}

main "$@"
