import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { failureCode } from '../../../src/errors.ts';
import { randomKey, uniforms } from '../../../src/random.ts';
import { openCog } from '../../../src/sources/open-cog.ts';
import { lercBlob } from '../../fakes/lerc-blob.ts';
import { RecordingSource } from '../../fakes/recording-source.ts';
import { buildTiff, plainFields, plainTiles } from '../../fakes/tiff-builder.ts';

const { signal } = new AbortController();
const RUNS = 20_000;
/** Values that a parser trips over. */
const edges = [0, 1, 2, 3, 4, 7, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1e9];

const geo = {
  GeoKeyDirectory: [1, 1, 0, 1, 3072, 0, 1, 32633],
  ModelPixelScale: { type: 12, values: [1, 1, 0] },
  ModelTiepoint: { type: 12, values: [0, 0, 0, 5e5, 5e6, 0] },
  GdalNodata: '7',
};
const { TileWidth: _w, TileLength: _l, ...striped } = plainFields;
const overview = { ...plainFields, NewSubfileType: 1, ImageWidth: 16, ImageLength: 16 };
const pyramid = [
  { fields: { ...plainFields, ...geo }, tiles: plainTiles },
  { fields: overview, tiles: [new Uint8Array(256)] },
  { fields: { ...overview, NewSubfileType: 5 }, tiles: [new Uint8Array(256)] },
];
const lercFields = { ...overview, NewSubfileType: 0, Compression: 34887, LercParameters: [4, 0] };
const colourFields = { ...overview, NewSubfileType: 0, SamplesPerPixel: 3, BitsPerSample: [8, 8, 8] };
const files = [
  buildTiff(pyramid),
  buildTiff(pyramid, { bigEndian: true }),
  buildTiff(pyramid, { bigTiff: true }),
  buildTiff([{ fields: { ...striped, RowsPerStrip: 8, Compression: 32773 }, tiles: plainTiles }]),
  buildTiff([{ fields: { ...plainFields, Compression: 5, Predictor: 2 }, tiles: plainTiles }]),
  buildTiff([{ fields: lercFields, tiles: [lercBlob('u8')] }]),
  buildTiff([{ fields: { ...plainFields, Compression: 8 }, tiles: plainTiles.map((tile) => deflateSync(tile)) }]),
  buildTiff([{ fields: { ...plainFields, Compression: 50000 }, tiles: plainTiles.map(zstdStored) }]),
  await jpegFile(),
  await webpFile(),
];

/** A Zstandard frame of one block that is stored as it is. */
function zstdStored(tile: Uint8Array): Buffer {
  const header = Buffer.from('28b52ffd60000000000000', 'hex').subarray(0, 10);
  header.writeUInt16LE(tile.length - 256, 5);
  header.writeUIntLE((tile.length << 3) | 1, 7, 3);
  return Buffer.concat([header, tile]);
}

/** Its tables in the header, where they are mutated too. */
async function jpegFile(): Promise<Buffer> {
  const jpeg = await colour().jpeg().toBuffer();
  const [tables, frame] = [jpeg.indexOf(Buffer.of(0xff, 0xdb)), jpeg.indexOf(Buffer.of(0xff, 0xc0))];
  const JPEGTables = Buffer.concat([jpeg.subarray(0, 2), jpeg.subarray(tables, frame), Buffer.of(0xff, 0xd9)]);
  const tile = Buffer.concat([jpeg.subarray(0, 2), jpeg.subarray(frame)]);
  return buildTiff([{ fields: { ...colourFields, Compression: 7, JPEGTables }, tiles: [tile] }]);
}

async function webpFile(): Promise<Buffer> {
  return buildTiff([{ fields: { ...colourFields, Compression: 50001 }, tiles: [await colour().webp().toBuffer()] }]);
}

function colour() {
  return sharp({ create: { width: 16, height: 16, channels: 3, background: '#123456' } });
}

const random = uniforms(randomKey('mutated headers', 1));
const below = (count: number): number => Math.floor(random.next().value * count);

/** Some bytes, or numbers of 2 and 4 bytes, are others; one file in ten is cut off. */
function mutated(): Buffer {
  const file = Buffer.from(files[below(files.length)] as Buffer);
  const header = Math.min(file.length, 700);
  for (let changes = 1 + below(6); changes > 0; changes -= 1) {
    const at = below(header - 4);
    const edge = edges[below(edges.length)] as number;
    const kind = below(4);
    if (kind === 0) file[at] = below(256);
    else if (kind === 1) file.writeUInt16LE(edge & 0xffff, at);
    else if (kind === 2) file.writeUInt32LE(edge, at);
    else file.writeUInt32BE(edge, at);
  }
  return below(10) === 0 ? file.subarray(0, below(file.length)) : file;
}

/** A decoder that never answers would be as bad as one that computes for ever. */
const HANG_MS = 10_000;

async function read(file: Buffer): Promise<void> {
  const cog = await openCog(new RecordingSource(file), 16 + below(600), signal);
  for (const level of cog.levels.keys()) await cog.read(level, [{ x: 0, y: 0, width: 1, height: 1 }], signal);
}

/** Resident, without the garbage that V8 leaves lying while there is room. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc'); // in contexts that are made from now on
  runInNewContext('gc()');
  return process.memoryUsage.rss();
}

describe('openCog', () => {
  it(`reads ${RUNS} mutated headers or refuses them with a code, none for 200 ms of computing, all in 64 MB`, async () => {
    for (let warm = 0; warm < 2000; warm += 1) await read(mutated()).catch(() => {});
    const codes: Record<string, number> = {};
    const before = heldBytes();
    let [memory, slowest] = [before, 0];
    for (let run = 0; run < RUNS; run += 1) {
      const file = mutated();
      const computed = process.cpuUsage();
      const code = await Promise.race([
        read(file).then(() => 'read', failureCode),
        sleep(HANG_MS, 'hangs', { ref: false }),
      ]);
      const { user, system } = process.cpuUsage(computed);
      codes[code] = (codes[code] ?? 0) + 1;
      slowest = Math.max(slowest, (user + system) / 1000);
      if (run % 500 === 0) memory = Math.max(memory, heldBytes());
    }
    console.log(codes, `slowest ${slowest.toFixed(0)} ms, memory + ${((memory - before) / 1e6).toFixed(0)} MB`);
    expect(Object.keys(codes).sort()).toEqual(['cog.invalid', 'cog.unsupported', 'read']);
    expect(codes['read']).toBeGreaterThan(RUNS / 20);
    expect(slowest).toBeLessThan(200);
    expect(memory - before).toBeLessThan(64e6);
  });
});
