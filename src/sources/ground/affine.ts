import { SceneError } from '../../errors.ts';
import type { TiffValues } from '../tiff/tiff-values.ts';

/**
 * From pixels of the finest level to coordinates of the CRS (GeoTIFF 1.1 section 7.2):
 * `x = x0 + a·column + b·row`, `y = y0 + d·column + e·row`, counted from the top left corner of the top left pixel.
 */
export type Affine = {
  readonly x0: number;
  readonly a: number;
  readonly b: number;
  readonly y0: number;
  readonly d: number;
  readonly e: number;
};

/** GTRasterTypeGeoKey: tie points and matrix name the centres of pixels, not their corners. */
const PIXEL_IS_POINT = 2;

/** @returns undefined without georeference, or with tie points only, which tell no single affine map */
export function readAffine(values: TiffValues, rasterType: number): Affine | undefined {
  const affine = fromMatrix(values) ?? fromTiepoint(values);
  if (!affine) return undefined;
  if (!Object.values(affine).every(Number.isFinite)) throw new SceneError('cog.invalid', 'georeference is not finite');
  if (rasterType !== PIXEL_IS_POINT) return affine;
  return {
    ...affine,
    x0: affine.x0 - (affine.a + affine.b) / 2,
    y0: affine.y0 - (affine.d + affine.e) / 2,
  };
}

function fromMatrix(values: TiffValues): Affine | undefined {
  const matrix = values.numbers('ModelTransformation');
  if (!matrix || matrix.length < 8) return undefined;
  const [a = 0, b = 0, , x0 = 0, d = 0, e = 0, , y0 = 0] = matrix;
  return { x0, a, b, y0, d, e };
}

function fromTiepoint(values: TiffValues): Affine | undefined {
  const tiepoint = values.numbers('ModelTiepoint');
  const scale = values.numbers('ModelPixelScale');
  if (!tiepoint || !scale || tiepoint.length < 6 || scale.length < 2) return undefined;
  const [column = 0, row = 0, , x = 0, y = 0] = tiepoint;
  const [a = 0, height = 0] = scale;
  const e = -Math.abs(height); // rows go south, as GDAL has it
  return { x0: x - column * a, a, b: 0, y0: y - row * e, d: 0, e };
}

export function apply(affine: Affine, column: number, row: number): readonly [number, number] {
  return [affine.x0 + affine.a * column + affine.b * row, affine.y0 + affine.d * column + affine.e * row];
}
