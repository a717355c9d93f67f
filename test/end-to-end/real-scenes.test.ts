import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RangeServer, serveRanges } from '../../src/commands/range-server.ts';
import type { Ring } from '../../src/scene.ts';
import { gdalInfo } from '../setup/gdal.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';
import { sharedData } from '../shared-data.ts';

const SCENES = ['naip-8192-rgb-jpeg.tif', 'titiler_TCI.tif'];
const whole = parts.kafka && parts.gdal && parts.sharedData;

/** The bundled model has no opinion worth having on these: reading, geometry and accounting are what is shown. */
describe.skipIf(!whole)('saccade run on real scenes, needs kafka, needs gdal, needs shared data', () => {
  let broker: KafkaBroker;
  let server: RangeServer;
  beforeAll(async () => {
    [broker, server] = await Promise.all([startKafka(), serveRanges(sharedData('samples'))]);
  });
  afterAll(async () => {
    await server?.close();
    await broker?.stop();
  });

  it('ends in events whose footprints are those of GDAL to 1e-6 degrees, and which read little of the files', async () => {
    const topics = new KafkaTopics(broker.brokers);
    await topics.create(['scenes', 'classifications', 'scenes-failed'], 1);
    await topics.send(
      'scenes',
      SCENES.map((id) => ({ value: JSON.stringify({ id, href: `${server.url}/${id}` }) })),
    );
    const saccade = spawnSaccade(['run'], {
      SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
      SACCADE_SOURCES_ALLOW_PRIVATE: 'true',
      SACCADE_SCENES_ANY_RESOLUTION: 'true',
    });
    await until('both scenes', async () => (await topics.committed('scenes', 'saccade')) === SCENES.length);
    expect(await saccade.stop()).toBe(0);

    expect(await topics.count('scenes-failed')).toBe(0);
    const events = await topics.readAll('classifications');
    expect(events.map(({ key }) => String(key)).sort()).toEqual(SCENES);
    for (const event of events) {
      const name = String(event.key);
      const feature = JSON.parse(String(event.value));
      expect(violations('classification-event', feature, 'feature')).toEqual([]);
      const { geometry, properties } = feature;
      expect(farthestCorner(geometry.coordinates[0], await gdalCorners(name))).toBeLessThan(1e-6);
      const answered = server.requests.filter(({ url }) => url === `/${name}`);
      expect(properties.read.bytes).toBe(answered.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(properties.read.requests).toBe(answered.length);
      expect(properties.read.trips).toBeLessThanOrEqual(3);
      expect(properties.read.share).toBeLessThan(0.25);
    }
  });
});

/** The corners of a file as GDAL projects them. */
async function gdalCorners(name: string): Promise<Ring> {
  const { wgs84Extent } = await gdalInfo(sharedData(`samples/${name}`));
  return wgs84Extent?.coordinates[0] ?? [];
}

/** Of each of GDAL's corners, the distance to the nearest of ours; the largest of them, in degrees. */
function farthestCorner(ours: Ring, theirs: Ring): number {
  const distances = theirs.map(([x, y]) =>
    Math.min(...ours.map(([a, b]) => Math.max(Math.abs(a - x), Math.abs(b - y)))),
  );
  return Math.max(...distances);
}
