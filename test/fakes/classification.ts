import type { Classification, Geometry, Message } from '../../src/scene.ts';

const footprint: Geometry = {
  type: 'Polygon',
  coordinates: [
    [
      [8, 54],
      [8.1, 54],
      [8.1, 54.1],
      [8, 54.1],
      [8, 54],
    ],
  ],
};

export const classification: Classification = {
  scene: { id: 'scene-1', href: 'https://example.com/scene.tif', datetime: '2024-05-01T10:20:30Z', properties: {} },
  class: 'ferry',
  confidence: 'nominal',
  probabilities: { none: 0.1234567, ferry: 0.8765433 },
  standardError: 0.01234567,
  footprint,
  evidence: [{ level: 0, x: 10, y: 20, width: 32, height: 32, attention: 0.5, pull: 1.25, footprint }],
  place: [8.05, 54.05],
  model: { name: 'harbour', version: '1.0.0', sha256: 'a'.repeat(64) },
  source: { etag: '"abc"', lastModified: 'Wed, 01 May 2024 10:20:30 GMT', bytes: 1234 },
  read: { bytes: 100, requests: 3, trips: 3, tiles: 4, share: 0.015625 },
  draw: { estimator: 'systematic', patches: 1, seed: 0 },
  seconds: { open: 0.0123456, attend: 0.1, fetch: 0.2, look: 0.3, total: 0.7 },
  backend: 'wasm',
  processed: '2024-05-01T11:00:00.000Z',
};

export const sceneMessage: Message = {
  key: Buffer.from('k'),
  value: Buffer.from('{"href":"x"}'),
  headers: { trace: ['a', Buffer.from('b')], saccade_code: 'from an earlier try' },
  origin: 'scenes[2]@1041',
  kafka: { topic: 'scenes', partition: 2, offset: '1041', timestamp: 1_714_558_830_000 },
};
