#!/usr/bin/env bash
# Brings a Vulkan driver that computes on the processor, for the tests of webgpu on machines without a GPU: SwiftShader,
# one library of Debian's package chromium-common, and Vulkan's loader. Not lavapipe, the driver of Debian's
# mesa-vulkan-drivers: Dawn refuses that of Debian 12 (shaderUniform*ArrayDynamicIndexing), and it brings LLVM along.
# The driver stays in the cache, where no program finds it that is not told: VK_ICD_FILENAMES names it.
#
#   ops/setup/webgpu.sh            fetches what is missing (32 MB; the loader as root, with apt)
#   ops/setup/webgpu.sh --check    says whether it works, changes nothing
#   ops/setup/webgpu.sh --remove   takes the driver out of the cache
part=webgpu
source "$(dirname "${BASH_SOURCE[0]}")/script.bash"

home=$cache/swiftshader
driver=$home/vk_swiftshader_icd.json

main() {
  options "$@"
  begin
  has_loader || packages libvulkan1
  [ -d "$home" ] || fetch
  check
}

has_loader() { [[ $(/sbin/ldconfig -p) == *libvulkan.so.1\ * ]]; }

# Of a browser of 113 MB only what is used: the driver and the file that names it to Vulkan's loader.
fetch() {
  say 'downloading SwiftShader in the package chromium-common (32 MB)'
  download || { [ "$(id -u)" = 0 ] && try "the system's list of packages" apt-get -q update && download; } ||
    missing "the package chromium-common: $(reason "$work/log")"
  mkdir "$work/home"
  dpkg-deb --fsys-tarfile "$work"/chromium-common_*.deb |
    tar -x -C "$work/home" --strip-components 4 ./usr/lib/chromium/libvk_swiftshader.so ./usr/lib/chromium/vk_swiftshader_icd.json ||
    missing 'SwiftShader in the package chromium-common'
  mv "$work/home" "$home"
}

download() { (cd "$work" && apt-get -q download chromium-common > log 2>&1 < /dev/null); }

remove() {
  rm -rf "$home"
  echo "$part: removed"
  exit 0
}

# Multiplies two matrices in a fresh process, as Saccade would.
check() {
  [ -d "$project/node_modules/webgpu" ] || missing 'the npm package webgpu (run: npm ci --ignore-scripts)'
  has_loader || missing "Vulkan's loader (install: sudo apt-get install libvulkan1)"
  [ -e "$driver" ] || missing 'a driver that computes on the processor (run: ops/setup/webgpu.sh)'
  local answer
  if answer=$(cd "$project" && VK_ICD_FILENAMES=$driver timeout 120 node --input-type=module -e "$product" 2>&1); then
    ready "${answer##*$'\n'}, with VK_ICD_FILENAMES=$driver"
  fi
  missing "a driver that works: $(grep -m 1 -E 'Error|Warning' <<< "$answer" || tail -n 1 <<< "$answer")"
}

product='
import { createRequire } from "node:module";
import { create, globals } from "webgpu";
const require = createRequire(process.cwd() + "/");
const tf = require("@tensorflow/tfjs-core");
const { WebGPUBackend } = require("@tensorflow/tfjs-backend-webgpu");
const gpu = create([]);
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, "navigator", { value: { gpu } });
const adapter = await gpu.requestAdapter();
if (adapter === null) throw new Error("Dawn finds no adapter");
const device = await adapter.requestDevice();
tf.registerBackend("webgpu", () => new WebGPUBackend(device, adapter.info));
await tf.setBackend("webgpu");
const found = (await tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).data()).join();
if (found !== "19,22,43,50") throw new Error(`a matrix product is ${found}`);
console.log(`${adapter.info.description} on the ${adapter.info.isFallbackAdapter ? "CPU" : "GPU"}`);
'

main "$@"
