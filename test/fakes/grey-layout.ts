import type { Layout } from '../../src/sources/tiff/layout.ts';

/** A level of `across` × `down` tiles of 16 × 16 grey pixels that are stored as they are, at places of the file yet to be given. */
export function greyLayout(across: number, down: number): Layout {
  const grid = {
    width: 16 * across,
    height: 16 * down,
    bands: 1,
    tileWidth: 16,
    tileHeight: 16,
    across,
    down,
    planes: 1,
    striped: false,
  };
  return {
    grid,
    samples: 'u8',
    littleEndian: true,
    compression: 1,
    predictor: 1,
    photometric: 1,
    jpegTables: undefined,
    lercPacking: 0,
    fill: 0,
    nodata: undefined,
    offsets: new Float64Array(across * down),
    byteCounts: new Float64Array(across * down),
  };
}
