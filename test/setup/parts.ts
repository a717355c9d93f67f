import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { loadTurboJpeg } from '../../src/sources/tiff/turbo-jpeg.ts';
import { hasSharedData } from '../shared-data.ts';
import { cache, kafkaJars } from './kafka-jars.ts';

/** What makes Vulkan's loader, and with it webgpu, find the driver that `ops/setup/webgpu.sh` fetches, and no other. */
export const softwareVulkan = { VK_ICD_FILENAMES: join(cache, 'swiftshader', 'vk_swiftshader_icd.json') };

/**
 * Which parts of the set-up are here. A test that needs one says so in its name, and `npm test` tells the user which
 * script brings it: `describe.skipIf(!parts.kafka)('runScenes, needs kafka', …)`. The words are `needs kafka`,
 * `needs tensorflow`, `needs gdal`, `needs promtool`, `needs nodes`, `needs turbojpeg`, `needs webgpu` and
 * `needs shared data`.
 */
export const parts = {
  kafka: existsSync(kafkaJars) && onPath('java'),
  tensorflow: existsSync(addon()),
  gdal: onPath('gdalinfo') && onPath('gdal_translate'),
  promtool: onPath('promtool'),
  nodes: pinnedNodes().every((version) => existsSync(join(cache, `node-${version}`))),
  turbojpeg: loadTurboJpeg() !== undefined,
  webgpu: existsSync(softwareVulkan.VK_ICD_FILENAMES) && hasPackage('webgpu'),
  sharedData: hasSharedData(),
} as const;

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** The versions that `ops/setup/nodes.sh` fetches. */
function pinnedNodes(): string[] {
  const pins = readFileSync(new URL('../../ops/setup/nodes.txt', import.meta.url), 'utf8');
  return [...pins.matchAll(/^[\d.]+/gm)].map(([version]) => version);
}

function hasPackage(name: string): boolean {
  try {
    return existsSync(createRequire(import.meta.url).resolve(name));
  } catch {
    return false;
  }
}

function addon(): string {
  const inPackage = 'lib/napi-v8/tfjs_binding.node';
  try {
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json');
    return join(dirname(manifest), inPackage);
  } catch {
    return inPackage; // an optional dependency: the package itself may be absent
  }
}
