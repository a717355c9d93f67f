#!/usr/bin/env bash
# Brings native TensorFlow for @tensorflow/tfjs-node-gpu, whose own download is of 2022 and not reachable everywhere:
# the C library from a PyPI wheel, the addon by one compiler call from the sources in the npm package.
#
#   ops/setup/tensorflow.sh            the variant installed already, else the CPU one
#   ops/setup/tensorflow.sh --cpu      for the CPU (230 MB to download, 0.7 GB in the cache)
#   ops/setup/tensorflow.sh --cuda     for CUDA 12 with its libraries (2.4 GB to download); needs only the driver
#   ops/setup/tensorflow.sh --check    says whether it works, changes nothing
#   ops/setup/tensorflow.sh --remove   takes it out of this checkout
part=tensorflow
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

package=$project/node_modules/@tensorflow/tfjs-node-gpu
addon=$package/lib/napi-v8/tfjs_binding.node
headers_version=1.9.0
headers_sha256=6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19

main() {
  local variant
  case ${1:-} in
    --check) check ;;
    --remove) remove ;;
    --cpu | --cuda) variant=${1#--} ;;
    '') variant=$(installed_variant) ;;
    *) missing "an option that it knows (got $1; it has --cpu, --cuda, --check, --remove)" ;;
  esac
  [ "$(uname -sm)" = 'Linux x86_64' ] || missing "Linux on x86_64 (this is $(uname -sm)); Saccade uses wasm instead"
  [ -d "$package/binding" ] || missing 'the npm package @tensorflow/tfjs-node-gpu (run: npm ci --ignore-scripts)'
  begin
  local home=$cache/tensorflow-$variant-$(recipe "$variant")
  [ -d "$home" ] || make "$variant" "$home"
  install_from "$home"
  check
}

installed_variant() {
  case $(readlink "$package/deps" || true) in
    */tensorflow-cuda-*) echo cuda ;;
    *) echo cpu ;;
  esac
}

# Everything that the result depends on, as a short hash: a change of any of it makes a new folder in the cache.
recipe() {
  { cat "$project/ops/setup/tensorflow-$1.txt" "$package"/binding/* && echo "$unpack" && declare -f compile; } |
    sha256sum | cut -c 1-12
}

# The two libraries, the C headers and the addon, in a folder of the cache that appears only when it is whole.
make() {
  tools
  say "downloading the $1 wheel"
  try 'its wheel from PyPI' "$python" -m pip download --disable-pip-version-check --no-deps --only-binary=:all: \
    --implementation cp --python-version 3.11 --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 \
    --requirement "$project/ops/setup/tensorflow-$1.txt" --dest "$work/wheels"
  say 'unpacking'
  try 'space or files of its wheel' "$python" -c "$unpack" "$work/wheels" "$work/home"
  say 'compiling the addon'
  compile "$work/home"
  mv "$work/home" "$2"
}

tools() {
  command -v g++ > /dev/null || packages g++
  local candidate
  for candidate in python3 /usr/bin/python3; do
    if "$candidate" -m pip --version > /dev/null 2>&1; then python=$candidate && return; fi
  done
  packages python3-pip
  python=/usr/bin/python3
}

# Of a wheel only what is used: lib/ and include/ of TensorFlow; nvidia/ lies beside lib/, where the libraries look.
unpack='
import glob, os, shutil, sys, zipfile
wheels, home = sys.argv[1:]
def place(name):
    base = os.path.basename(name)
    if name in ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"): return "lib/" + base
    if name.startswith("nvidia/") and "/lib/" in name: return name
    if name.startswith("tensorflow/include/") and base.endswith(".h"):
        inner = name.removeprefix("tensorflow/include/")
        if inner.startswith("tensorflow/c/") or base.startswith(("ctstring", "tsl_status")): return "include/" + inner
for wheel in glob.glob(wheels + "/*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            to = place(name)
            if to is None or name.endswith("/"): continue
            to = os.path.join(home, to)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            with archive.open(name) as source, open(to, "wb") as target: shutil.copyfileobj(source, target, 1 << 20)
    os.remove(wheel)
'

# The addon speaks Node-API 8, so that one file serves every Node. The set of attribute names is shared by all threads
# without a lock, and crashed two workers that ended together: each thread gets its own.
compile() {
  try 'the npm package node-api-headers' npm pack --silent --pack-destination "$work" "node-api-headers@$headers_version"
  local archive=$work/node-api-headers-$headers_version.tgz
  echo "$headers_sha256  $archive" | sha256sum --check --status || missing "node-api-headers as pinned (another sha256)"
  tar -xzf "$archive" -C "$work"
  cp -r "$package/binding" "$work/binding"
  sed -i 's/^static std::set<std::string> ATTR_NAME_SET;/static thread_local std::set<std::string> ATTR_NAME_SET;/' \
    "$work/binding/tfjs_backend.cc"
  grep -q 'thread_local std::set' "$work/binding/tfjs_backend.cc" || missing 'the source line that it patches'
  try 'a working C++17 compiler' g++ -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION \
    -I "$work/package/include" -I "$1/include" "$work"/binding/tfjs_b*.cc \
    -L "$1/lib" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 '-Wl,-rpath,$ORIGIN/../../deps/lib' \
    -o "$1/tfjs_binding.node"
}

# The package gets the addon and a link to the libraries; the addon comes last, because others wait for it.
install_from() {
  if [ "$(readlink "$package/deps" || true)" != "$1" ]; then
    [ -L "$package/deps" ] || rm -rf "$package/deps"
    ln -s "$1" "$package/deps.$$" && mv -fT "$package/deps.$$" "$package/deps"
  fi
  cmp -s "$1/tfjs_binding.node" "$addon" && return
  mkdir -p "$(dirname "$addon")"
  cp "$1/tfjs_binding.node" "$addon.$$" && mv -f "$addon.$$" "$addon"
}

remove() {
  rm -rf "$package/deps" "$package/lib/napi-v8"
  echo "$part: removed (the cache stays: $cache/tensorflow-*)"
  exit 0
}

# Loads it in a fresh process and multiplies two matrices.
check() {
  [ -e "$addon" ] || missing 'native TensorFlow in this checkout (run: ops/setup/tensorflow.sh)'
  local answer
  if answer=$(cd "$project" && TF_CPP_MIN_LOG_LEVEL=3 timeout 120 node --input-type=module -e "$product" 2>&1); then
    answer=${answer##*$'\n'}
    if [ "$(installed_variant)" = cuda ]; then answer=${answer/%on the CPU/for CUDA, on the CPU: it finds no GPU}; fi
    ready "$answer"
  fi
  missing "a library that loads: $(grep -m 1 -E 'Error|ERR' <<< "$answer" || tail -n 1 <<< "$answer")"
}

product='
import util from "node:util";
import { createRequire } from "node:module";
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = createRequire(process.cwd() + "/")("@tensorflow/tfjs-node-gpu");
const found = (await tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).data()).join();
if (found !== "19,22,43,50") throw new Error(`a matrix product is ${found}`);
const { binding, isUsingGpuDevice } = tf.backend();
console.log(`TensorFlow ${binding.TF_Version} on the ${isUsingGpuDevice ? "GPU" : "CPU"}`);
'

main "$@"
