import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureCode } from '../../../src/errors.ts';
import { openCog } from '../../../src/sources/open-cog.ts';
import { readHeader } from '../../../src/sources/tiff/read-header.ts';
import { RecordingSource } from '../../fakes/recording-source.ts';
import { buildTiff, plainFields, plainTiles } from '../../fakes/tiff-builder.ts';

const { signal } = new AbortController();

/** A pyramid of 8 levels, the finest 4096 × 4096 in 65 536 tiles that were all left out: half a megabyte of index. */
function pyramid(): Buffer {
  const images = Array.from({ length: 8 }, (_, level) => {
    const side = 4096 >> level;
    const size = { ImageWidth: side, ImageLength: side };
    const tiles = new Array<null>((side / 16) ** 2).fill(null);
    return { fields: { ...plainFields, ...size, ...(level > 0 ? { NewSubfileType: 1 } : {}) }, tiles };
  });
  return buildTiff(images);
}

describe('readHeader', () => {
  it('needs two trips for half a megabyte of index, and little more than its bytes', async () => {
    const file = pyramid();
    const source = new RecordingSource(Buffer.concat([file, Buffer.alloc(10_000_000)]));
    const cog = await openCog(source, 32_768, signal);
    expect(cog.levels).toHaveLength(8);
    expect(cog.cost.trips).toBe(2);
    expect(cog.cost.bytes).toBeLessThan(file.length * 1.2);
  });

  it('reads the same header whatever the first read brings', async () => {
    const file = buildTiff([
      { fields: plainFields, tiles: plainTiles },
      { fields: { ...plainFields, NewSubfileType: 1, ImageWidth: 16, ImageLength: 16 }, tiles: [new Uint8Array(256)] },
    ]);
    const whole = await readHeader(new RecordingSource(file), { firstReadBytes: file.length }, signal);
    for (let first = 16; first < file.length; first += 7) {
      const header = await readHeader(new RecordingSource(file), { firstReadBytes: first }, signal);
      expect(header.images.map((image) => image.grid)).toEqual(whole.images.map((image) => image.grid));
      expect(header.images.map((image) => image.index.offsets)).toEqual(
        whole.images.map((image) => image.index.offsets),
      );
    }
  });

  it('reads any header, or refuses it with a code', async () => {
    const geo = { GeoKeyDirectory: [1, 1, 0, 1, 3072, 0, 1, 32633], ModelPixelScale: { type: 12, values: [1, 1, 0] } };
    const fields = { ...plainFields, ...geo, ModelTiepoint: { type: 12, values: [0, 0, 0, 5e5, 5e6, 0] } };
    const files = [{}, { bigEndian: true }, { bigTiff: true }].map((options) =>
      buildTiff([{ fields, tiles: plainTiles }], options),
    );
    const mutation = fc.tuple(fc.nat(400), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)));
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        async (file, changes) => {
          const mutated = Buffer.from(file);
          for (const [at, value] of changes) mutated[at] = value;
          const window = { x: 0, y: 0, width: 1, height: 1 };
          const read = openCog(new RecordingSource(mutated), 256, signal).then((cog) => cog.read(0, [window], signal));
          codes.add(await read.then(() => 'read', failureCode));
        },
      ),
      { numRuns: 3000, seed: 1 },
    );
    expect([...codes].sort()).toEqual(['cog.invalid', 'cog.unsupported', 'read']);
  });
});
