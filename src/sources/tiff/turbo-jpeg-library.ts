import { createRequire } from 'node:module';

/** As the loaders of Linux, macOS (Homebrew's two places) and Windows find it. */
const LIBRARIES = [
  'libturbojpeg.so.0',
  'libturbojpeg.dylib',
  '/opt/homebrew/lib/libturbojpeg.dylib',
  '/usr/local/lib/libturbojpeg.dylib',
  'turbojpeg.dll',
];

/** What of TurboJPEG is called here. */
export type TurboJpegLibrary = {
  readonly open: () => unknown;
  readonly decompress: (
    handle: unknown,
    stream: Uint8Array,
    length: number,
    into: Uint8Array,
    width: number,
    pitch: number,
    height: number,
    format: number,
    flags: number,
    done: (error: Error | null, status: number) => void,
  ) => void;
};

/**
 * Binds the library where the machine has it: its functions as every version since 1.2 has them.
 * @returns undefined where it, or the package that calls it, is not there
 */
export function openTurboJpeg(names: readonly string[] = LIBRARIES): TurboJpegLibrary | undefined {
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    for (const name of names) {
      const file = attempt(() => koffi.load(name));
      if (file === undefined) continue;
      const decompress = file.func(
        'int tjDecompress2(void *handle, const uint8_t *stream, unsigned long length, uint8_t *into, int width, int pitch, int height, int format, int flags)',
      );
      return {
        open: file.func('void *tjInitDecompress()'),
        decompress: decompress.async,
      };
    }
  } catch {
    // A platform that koffi is not made for, or a library of that name that is another.
  }
  return undefined;
}

function attempt<T>(what: () => T): T | undefined {
  try {
    return what();
  } catch {
    return undefined;
  }
}
