import { describe, expect, it } from 'vitest';
import { footprint } from '../../../src/sources/ground/footprint.ts';

const window = { x: 0, y: 0, width: 10, height: 10 };

/** A grid of degrees from a top left corner, wrapped into the world as a projection would give it. */
const grid = (west: number, north: number, step: number) => (x: number, y: number) => {
  const longitude = west + x * step;
  return [
    longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude,
    north - y * step,
  ] as const;
};

describe('footprint', () => {
  it('is the closed counterclockwise ring of the corners', () => {
    expect(footprint(grid(10, 50, 0.1), window)).toEqual({
      type: 'Polygon',
      coordinates: [
        [
          [10, 50],
          [10, 49],
          [11, 49],
          [11, 50],
          [10, 50],
        ],
      ],
    });
  });

  it('turns the ring of an image whose rows go north', () => {
    const geometry = footprint((x, y) => [10 + x, 40 + y], window);
    expect(geometry?.coordinates[0]?.[1]).toEqual([20, 50]);
  });

  it('cuts what crosses the antimeridian in two', () => {
    expect(footprint(grid(179, 10, 0.4), window)).toEqual({
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [180, 10],
            [179, 10],
            [179, 6],
            [180, 6],
            [180, 10],
          ],
        ],
        [
          [
            [-180, 10],
            [-180, 6],
            [-177, 6],
            [-177, 10],
            [-180, 10],
          ],
        ],
      ],
    });
  });

  it('cuts from the other side as well', () => {
    const westward = (x: number, y: number) => {
      const longitude = -179 - (10 - x) * 0.4 + 2;
      return [longitude < -180 ? longitude + 360 : longitude, 10 - y * 0.4] as const;
    };
    expect(footprint(westward, window)?.type).toBe('MultiPolygon');
  });

  it.each([
    ['north', 1],
    ['south', -1],
  ])('goes round the %s pole and holds it', (_, side) => {
    // A square about the pole, on the plane that touches it: degrees from the pole are distances.
    const polar = (x: number, y: number) =>
      [(Math.atan2(x - 4, side * (y - 5)) * 180) / Math.PI, side * (90 - Math.hypot(x - 4, y - 5))] as const;
    const found = footprint(polar, window);
    if (found?.type !== 'Polygon') throw new Error('one area');
    const ring = found.coordinates[0] ?? [];
    expect(ring[0]).toEqual(ring.at(-1));
    const area = ring.slice(1).reduce((sum, [x1, y1], i) => {
      const [x0 = 0, y0 = 0] = ring[i] ?? [];
      return sum + (x0 * y1 - x1 * y0) / 2;
    }, 0);
    // Between a circle within and one around: counterclockwise, over all longitudes.
    expect(area).toBeGreaterThan(360 * 4);
    expect(area).toBeLessThan(360 * 8);
    for (const longitude of [-180, 180]) expect(ring).toContainEqual([longitude, side * 90]);
    for (const corner of [polar(0, 0), polar(10, 0), polar(0, 10), polar(10, 10)]) expect(ring).toContainEqual(corner);
  });

  it('takes the whole world for the whole world', () => {
    const world = { x: 0, y: 0, width: 3600, height: 1800 };
    const geometry = footprint((x, y) => [-180 + x * 0.1, 90 - y * 0.1], world);
    expect(geometry?.type).toBe('Polygon');
    expect(geometry?.coordinates[0]?.slice(0, 3)).toEqual([
      [-180, 90],
      [-180, -90],
      [180, -90],
    ]);
  });

  it('is null where a part has no place on the ground', () => {
    expect(footprint((x, y) => (x > 9 ? null : [x, y]), window)).toBeNull();
  });
});
