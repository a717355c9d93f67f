#!/usr/bin/env bash
# Brings the Python readers of COGs that `npm run bench:reads` is measured beside, in an environment of their own: GDAL by
# rasterio, and async-geotiff on obstore. Nothing else needs them, so neither the tests nor CI set them up.
#
#   ops/setup/readers.sh            installs what is missing (Python 3.11 or newer, about 300 MB)
#   ops/setup/readers.sh --check    says whether it works, changes nothing
#   ops/setup/readers.sh --remove   takes it away
part=readers
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

pins="$project/ops/setup/readers.txt"
home="$cache/readers-$(sha256sum "$pins" | cut -c 1-8)"

main() {
  options "$@"
  begin
  works || install
  check
}

install() {
  say 'fetching the readers from PyPI (a minute or two)'
  try 'an environment of Python (package python3-venv)' python3 -m venv "$work/readers"
  try 'the readers from PyPI' "$work/readers/bin/python" -m pip install --quiet --disable-pip-version-check -r "$pins"
  rm -rf "$home"
  mv "$work/readers" "$home"
}

works() {
  "$home/bin/python" -c 'import rasterio, async_geotiff, obstore' 2> /dev/null
}

check() {
  works || missing 'the Python readers (run: ops/setup/readers.sh)'
  ready "$("$home/bin/python" -c 'import rasterio; print(f"rasterio {rasterio.__version__} with GDAL {rasterio.__gdal_version__}")'), in $home"
}

remove() {
  rm -rf "$cache"/readers-*
  ready 'removed'
}

main "$@"
