import { describe, expect, it } from 'vitest';
import type { Classification } from '../../src/scene.ts';
import { classificationEvent, eventLine, eventRecord } from '../../src/sinks/classification-event.ts';
import { classification } from '../fakes/classification.ts';
import { violations } from '../setup/schemas.ts';

const settings = { source: 'saccade', anyResolution: false };
const idOf = (found: Classification, given = settings) => classificationEvent(found, given).attributes.id;

describe('classificationEvent', () => {
  it('is a GeoJSON Feature with the answer, its evidence and its cost', () => {
    expect(classificationEvent(classification, settings).feature).toMatchObject({
      type: 'Feature',
      id: 'scene-1',
      geometry: classification.footprint,
      properties: {
        class: 'ferry',
        probability: 0.8765,
        probabilities: { none: 0.1235, ferry: 0.8765 },
        standard_error: 0.0123,
        datetime: '2024-05-01T10:20:30Z',
        source: { href: 'https://example.com/scene.tif', etag: '"abc"', id: 'scene-1' },
        place: { type: 'Point', coordinates: [8.05, 54.05] },
        read: { share: 0.01563, bytes: 100 },
        seconds: { open: 0.012 },
      },
    });
  });

  it('links to the file without credentials and signature', () => {
    const scene = { ...classification.scene, href: 'https://user:secret@example.com/a.tif?signature=1' };
    const { feature } = classificationEvent({ ...classification, scene }, settings);
    expect(feature).toMatchObject({ properties: { source: { href: 'https://example.com/a.tif' } } });
    const hrefs = ['https://example.com/a.tif?sig=secret', 's3://scenes/b.tif?sig=secret'] as const;
    const several = classificationEvent({ ...classification, scene: { ...classification.scene, hrefs } }, settings);
    expect(several.feature).toMatchObject({
      properties: { source: { hrefs: ['https://example.com/a.tif', 's3://scenes/b.tif'] } },
    });
  });

  it('has the same id for the same answer, whenever and however fast it was given', () => {
    const later = {
      ...classification,
      processed: '2030-01-01T00:00:00.000Z',
      seconds: { ...classification.seconds, total: 9 },
    };
    expect(idOf(later)).toBe(idOf(classification));
    expect(idOf({ ...classification, read: { ...classification.read, requests: 9 }, backend: 'tensorflow' })).toBe(
      idOf(classification),
    );
  });

  it('has another id for another scene, file, model, draw or setting', () => {
    const { scene, source, model, draw } = classification;
    const others = [
      idOf({ ...classification, scene: { ...scene, id: 'scene-2' } }),
      idOf({ ...classification, source: { ...source, etag: '"abd"' } }),
      idOf({ ...classification, source: { ...source, etag: null } }),
      idOf({ ...classification, source: { ...source, etag: null, bytes: 1235 } }),
      idOf({ ...classification, source: { ...source, etag: null, lastModified: null } }),
      idOf({ ...classification, model: { ...model, version: '1.0.1' } }),
      idOf({ ...classification, model: { ...model, sha256: 'b'.repeat(64) } }),
      idOf({ ...classification, draw: { ...draw, seed: 1 } }),
      idOf({ ...classification, draw: { ...draw, patches: 2 } }),
      idOf({ ...classification, draw: { ...draw, estimator: 'other' } }),
      idOf(classification, { ...settings, source: 'elsewhere' }),
      idOf(classification, { ...settings, anyResolution: true }),
    ];
    expect(new Set([idOf(classification), ...others]).size).toBe(others.length + 1);
  });
});

describe('eventRecord', () => {
  it('has the attributes in headers, the Feature as value and the scene as key', () => {
    const { key, value, headers } = eventRecord(classificationEvent(classification, settings));
    expect(key).toBe('scene-1');
    expect(violations('classification-event', headers, 'headers')).toEqual([]);
    expect(violations('classification-event', JSON.parse(value), 'feature')).toEqual([]);
  });
});

describe('eventLine', () => {
  it('is a structured CloudEvent, also without CRS, time or ETag', () => {
    const { datetime: _, ...scene } = classification.scene;
    const evidence = classification.evidence.map((place) => ({ ...place, footprint: null }));
    const source = { ...classification.source, etag: null };
    const bare: Classification = { ...classification, scene, source, evidence, footprint: null, place: null };
    for (const found of [classification, bare])
      expect(violations('classification-event', JSON.parse(eventLine(classificationEvent(found, settings))))).toEqual(
        [],
      );
  });
});

describe('the schema of events', () => {
  it('refuses what is not in the contract', () => {
    const event = JSON.parse(eventLine(classificationEvent(classification, settings)));
    expect(violations('classification-event', { ...event, extra: 1 })).not.toEqual([]);
    expect(
      violations('classification-event', {
        ...event,
        data: { ...event.data, properties: { ...event.data.properties, probability: 2 } },
      }),
    ).not.toEqual([]);
  });
});
