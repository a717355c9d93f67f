#!/usr/bin/env bash
# Brings GDAL for the tests, from the system's packages: the second opinion on pixels, footprints and COG layout.
#
#   ops/setup/gdal.sh            installs what is missing (as root, with apt)
#   ops/setup/gdal.sh --check    says whether it works, changes nothing
part=gdal
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

main() {
  options "$@"
  begin
  works || packages gdal-bin python3-gdal
  check
}

# The tools, and a Python that has the bindings: the system's own, rather than the first on the path.
works() {
  command -v gdalinfo > /dev/null && command -v gdal_translate > /dev/null && python_with_gdal > /dev/null
}

python_with_gdal() {
  local candidate
  for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'from osgeo_utils.samples import validate_cloud_optimized_geotiff' 2> /dev/null && return
  done
  return 1
}

check() {
  works || missing 'gdal-bin and python3-gdal (install: sudo apt-get install gdal-bin python3-gdal)'
  ready "$(gdalinfo --version | sed 's/^GDAL \([0-9.]*\).*/\1/')"
}

main "$@"
