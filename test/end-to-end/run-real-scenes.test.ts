import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untrainedHarbour } from '../fakes/untrained-harbour.ts';
import { gdalInfo } from '../setup/gdal.ts';
import { type KafkaBroker, startKafka } from '../setup/kafka-broker.ts';
import { KafkaTopics, until } from '../setup/kafka-topics.ts';
import { parts } from '../setup/parts.ts';
import { violations } from '../setup/schemas.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';
import { sharedData } from '../shared-data.ts';

const files = ['naip-8192-rgb-jpeg.tif', 'titiler_TCI.tif'];

/** Reading, geometry and accounting; what the model says of them is not worth having. */
describe.skipIf(!parts.kafka || !parts.gdal || !parts.sharedData)(
  'saccade run on real scenes, needs kafka, needs gdal, needs shared data',
  () => {
    let broker: KafkaBroker;
    let topics: KafkaTopics;

    beforeAll(async () => {
      broker = await startKafka();
      topics = new KafkaTopics(broker.brokers);
      await topics.create(['scenes', 'classifications', 'scenes-failed'], 4);
    });
    afterAll(() => broker?.stop());

    it('gives events with footprints as GDAL sees them, and reads a part of the file', async () => {
      const href = (file: string) => pathToFileURL(sharedData(`samples/${file}`)).href;
      const messages = files.map((file) => ({ value: JSON.stringify({ href: href(file), id: file }) }));
      await topics.send('scenes', messages);
      const saccade = spawnSaccade(['run'], {
        SACCADE_KAFKA_BROKERS: broker.brokers.join(','),
        SACCADE_MODEL: await untrainedHarbour(),
        SACCADE_BACKEND: 'wasm',
        SACCADE_SCENES_ANY_RESOLUTION: 'true',
        SACCADE_SOURCES_ROOT: sharedData('samples'),
      });
      await until('both to be done', async () => (await topics.committed('scenes', 'saccade')) === 2);
      expect(await saccade.stop()).toBe(0);

      const events = await topics.readAll('classifications');
      expect(events.map(({ key }) => String(key)).sort()).toEqual(files);
      for (const { key, value } of events) {
        const feature = JSON.parse(String(value));
        expect(violations('classification-event', feature, 'feature')).toEqual([]);
        const extent = (await gdalInfo(sharedData(`samples/${key}`))).wgs84Extent?.coordinates[0] ?? [];
        expect(farthest(feature.geometry.coordinates[0], extent)).toBeLessThan(1e-6);
        expect(feature.properties.read.share).toBeLessThan(0.25);
      }
    });
  },
);

/** From a corner of one ring to the nearest of the other, in degrees along an axis. */
function farthest(ring: readonly number[][], other: readonly number[][]): number {
  const apart = ([x = 0, y = 0]: readonly number[], [u = 0, v = 0]: readonly number[]) =>
    Math.max(Math.abs(x - u), Math.abs(y - v));
  return Math.max(...ring.map((corner) => Math.min(...other.map((there) => apart(corner, there)))));
}
