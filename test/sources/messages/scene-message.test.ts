import { describe, expect, it } from 'vitest';
import { SceneError } from '../../../src/errors.ts';
import type { Message, Scene } from '../../../src/scene.ts';
import { parseScene } from '../../../src/sources/messages/scene-message.ts';
import { violations } from '../../setup/schemas.ts';

const HREF = 'https://example.com/scenes/a.tif';
const settings = { assetKeys: ['visual', 'image', 'data'], maxMessageBytes: 10_000 };

const inLatin1 = Buffer.from(JSON.stringify({ href: HREF, id: 'é' }), 'latin1');

function message(body: unknown): Message {
  const value =
    Buffer.isBuffer(body) || body === null ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { key: null, value, headers: {}, origin: 'test' };
}

function parse(body: unknown): Scene {
  return parseScene(message(body), settings);
}

function refusal(body: unknown): string {
  try {
    parse(body);
  } catch (error) {
    if (error instanceof SceneError && error.code === 'message.malformed') return error.message;
    throw error;
  }
  throw new Error('was not refused');
}

function item(assets: Record<string, unknown>, more: object = {}): object {
  const ring = [
    [8.0, 54.0],
    [8.1, 54.0],
    [8.1, 54.1],
    [8.0, 54.0],
  ];
  return {
    type: 'Feature',
    stac_version: '1.0.0',
    id: 'S2A_1',
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: { datetime: '2024-05-01T10:20:30Z', 'eo:cloud_cover': 12 },
    assets,
    links: [],
    ...more,
  };
}

describe('parseScene', () => {
  it('reads a plain message; without an id, the href without credentials and query is the id', () => {
    expect(parse({ href: HREF, id: 'a', datetime: '2024-05-01T10:20:30Z', properties: { b: 1 } })).toEqual({
      id: 'a',
      href: HREF,
      datetime: '2024-05-01T10:20:30Z',
      properties: { b: 1 },
    });
    const signed = `https://user:secret@example.com/scenes/a.tif?signature=1#x`;
    expect(parse({ url: signed })).toEqual({ id: HREF, href: signed, properties: {} });
  });

  it('reads past a byte order mark, with which some writers begin', () => {
    const marked = `\ufeff${JSON.stringify({ href: HREF })}`;
    expect(parse(marked).href).toBe(HREF);
    expect(parse({ specversion: '1.0', data_base64: Buffer.from(marked).toString('base64') }).href).toBe(HREF);
    expect(refusal(`\ufeff${marked}`)).toContain('is not JSON');
  });

  it('reads a STAC Item with its footprint and time', () => {
    expect(parse(item({ image: { href: HREF } }))).toMatchObject({
      id: 'S2A_1',
      href: HREF,
      datetime: '2024-05-01T10:20:30Z',
      geometry: { type: 'Polygon' },
      properties: { 'eo:cloud_cover': 12 },
    });
  });

  describe('the footprint that a STAC Item states', () => {
    const square = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
      [0, 0],
    ];
    const stated = (geometry: object) => parse(item({ image: { href: HREF } }, { geometry })).geometry;

    it('is wound as RFC 7946 has it: exteriors counterclockwise, holes clockwise', () => {
      const found = { type: 'Polygon', coordinates: [square, square.toReversed()] };
      expect(stated({ type: 'Polygon', coordinates: [square.toReversed(), square] })).toEqual(found);
      expect(stated(found)).toEqual(found);
      const several = { type: 'MultiPolygon', coordinates: [[square.toReversed()], [square]] };
      expect(stated(several)).toEqual({ type: 'MultiPolygon', coordinates: [[square], [square]] });
    });

    it('is closed, and without heights', () => {
      const open = square.slice(0, 4).map((position) => [...position, 12]);
      expect(stated({ type: 'Polygon', coordinates: [open] })).toEqual({ type: 'Polygon', coordinates: [square] });
    });

    it.each([500_000, 190])('is none where it lies outside the world, at %d', (x) => {
      const coordinates = [square.map(([, y]) => [x, y])];
      expect(stated({ type: 'Polygon', coordinates })).toBeNull();
    });
  });

  it('takes the names of bands from the chosen asset, in the words of STAC 1.0 or 1.1', () => {
    const eoBands = [{ name: 'B04', common_name: 'red' }, { name: 'B8A' }, {}];
    const bands = [{ name: 'B04', 'eo:common_name': 'red' }, { name: 'B8A', common_name: null }, { gsd: 10 }];
    const names = [['B04', 'red'], ['B8A'], []];
    expect(parse(item({ image: { href: HREF, 'eo:bands': eoBands } })).bandNames).toEqual(names);
    expect(parse(item({ image: { href: HREF, bands, 'eo:bands': [{ name: 'B01' }] } })).bandNames).toEqual(names);
    expect(parse(item({ image: { href: HREF }, other: { href: HREF, type: 'text/html', bands } })).bandNames).toEqual(
      [],
    );
    expect(parse(item({ image: { href: HREF, bands: 'B04, B03' } })).bandNames).toEqual([]);
  });

  it('takes from a STAC Item how long the header is, where it says so', () => {
    expect(parse(item({ image: { href: HREF, 'file:header_size': 4_321 } })).headerBytes).toEqual([4_321]);
    for (const size of [undefined, null, -1, '4321', 1.5])
      expect(parse(item({ image: { href: HREF, 'file:header_size': size } }))).not.toHaveProperty('headerBytes');
  });

  it('takes times with small letters, which RFC 3339 has too, and tells them with large ones', () => {
    const datetime = '2024-05-01t10:20:30.5z';
    expect(parse({ href: HREF, datetime }).datetime).toBe('2024-05-01T10:20:30.5Z');
    expect(parse(item({ image: { href: HREF } }, { properties: { datetime } })).datetime).toBe(
      '2024-05-01T10:20:30.5Z',
    );
    expect(violations('scene-message', { href: HREF, datetime })).toEqual([]);
  });

  it('takes what its schema says, and the schema refuses what it refuses', () => {
    const plain = { href: HREF, datetime: '2024-05-01T10:20:30Z' };
    const event = { specversion: '1.0', id: '1', source: 's', type: 't', data: plain };
    const sns = { Type: 'Notification', Message: JSON.stringify(plain) };
    for (const href of ['s3://bucket/a.tif', 'gs://bucket/a.tif', 'az://bucket/a.tif', 'file:///a.tif']) {
      expect(violations('scene-message', { href })).toEqual([]);
      expect(parse({ href })).toMatchObject({ href, id: href });
    }
    for (const body of [plain, { url: HREF }, item({ image: { href: HREF } }), event, sns, { ...event, data: sns }]) {
      expect(violations('scene-message', body)).toEqual([]);
      expect(parse(body).href).toBe(HREF);
    }
    for (const body of [
      7,
      [plain],
      {},
      { href: 'a.tif' },
      { href: 'ftp://a/b' },
      { ...plain, id: '' },
      { specversion: '1.0' },
      { type: 'Feature' },
    ]) {
      expect(violations('scene-message', body)).not.toEqual([]);
      expect(refusal(body)).not.toBe('');
    }
  });

  it('takes a null geometry or time of a STAC Item as none', () => {
    const scene = parse(item({ image: { href: HREF } }, { geometry: null, properties: { datetime: null } }));
    expect(scene.geometry).toBeNull();
    expect(scene.datetime).toBeUndefined();
  });

  it('chooses an asset by key, then by role and media type, then the only TIFF', () => {
    const other = {
      href: 'https://example.com/other.tif',
      type: 'image/tiff; application=geotiff',
      roles: ['metadata'],
    };
    const data = { href: HREF, type: 'image/tiff; application=geotiff; profile=cloud-optimized', roles: ['data'] };
    const picture = { href: 'https://example.com/v.jpg', type: 'image/jpeg', roles: ['visual'] };
    expect(parse(item({ other, data: { href: HREF }, visual: picture })).href).toBe(HREF);
    expect(parse(item({ other, B04: data })).href).toBe(HREF);
    expect(parse(item({ thumbnail: picture, tci: { ...other, href: HREF } })).href).toBe(HREF);
  });

  it('refuses a STAC Item of which no single asset can be chosen', () => {
    const band = { href: HREF, type: 'image/tiff', roles: ['data'] };
    expect(refusal(item({ B04: band, B03: band }))).toContain(
      'wanted one of visual, image, data, or a single TIFF, got B04, B03',
    );
    expect(refusal(item({}))).toContain('got none');
  });

  it('takes an asset for each band that the model needs, by the names of bands or the keys of assets', () => {
    const tiff = (name: string, more: object = {}) => ({
      href: `https://example.com/${name}.tif`,
      type: 'image/tiff; application=geotiff; profile=cloud-optimized',
      roles: ['data', 'reflectance'],
      ...more,
    });
    const assets = {
      nir: tiff('B08', { 'eo:bands': [{ name: 'B08', common_name: 'nir' }] }),
      B02: tiff('B02', { bands: [{ name: 'B02', 'eo:common_name': 'Blue' }] }),
      green: tiff('B03'),
      'red-jp2': { ...tiff('B04'), href: 'https://example.com/B04.jp2', type: 'image/jp2' },
      red: tiff('B04', { 'eo:bands': [{ name: 'B04' }], 'file:header_size': 4_321 }),
      stack: tiff('all', { bands: [{ name: 'red' }, { name: 'green' }] }),
      scl: tiff('SCL', { roles: ['metadata'] }),
    };
    const bands = ['red', 'Green', 'blue'].map((name) => ({ name }));
    const scene = parseScene(message(item(assets)), { ...settings, bands });
    expect(scene).toMatchObject({
      href: 'https://example.com/B04.tif',
      hrefs: ['B04', 'B03', 'B02'].map((name) => `https://example.com/${name}.tif`),
      bandNames: [['B04', 'red'], ['green'], ['B02', 'Blue', 'B02']],
      headerBytes: [4_321, undefined, undefined],
    });
    const missing = () => parseScene(message(item(assets)), { ...settings, bands: [...bands, { name: 'swir' }] });
    expect(missing).toThrow('or one for each of red, Green, blue, swir, got nir, B02');
    const one = parseScene(message(item({ ...assets, visual: tiff('TCI') })), { ...settings, bands });
    expect([one.href, one.hrefs]).toEqual(['https://example.com/TCI.tif', undefined]);
    // A picture in true colours is of no use to a model that wants another band, which lies elsewhere or nowhere.
    const colours = { bands: [{ name: 'red' }, { name: 'green' }, { name: 'blue' }] };
    const picture = message(item({ ...assets, visual: tiff('TCI', colours) }));
    const hrefs = (...names: string[]) => {
      const scene = parseScene(picture, { ...settings, bands: names.map((name) => ({ name })) });
      return scene.hrefs ?? [scene.href];
    };
    expect(hrefs('red', 'blue')).toEqual(['https://example.com/TCI.tif']);
    expect(hrefs('red', 'nir')).toEqual(['https://example.com/B04.tif', 'https://example.com/B08.tif']);
    expect(hrefs('red', 'swir')).toEqual(['https://example.com/TCI.tif']);
  });

  it('reads either inside a CloudEvent, an SNS notification, or both', () => {
    const plain = { href: HREF, id: 'a' };
    const event = { specversion: '1.0', id: '1', source: 's', type: 't', data: plain };
    const encoded = {
      specversion: '1.0',
      id: '1',
      source: 's',
      type: 't',
      data_base64: Buffer.from(JSON.stringify(plain)).toString('base64'),
    };
    const sns = (body: unknown) => ({ Type: 'Notification', MessageId: '1', Message: JSON.stringify(body) });
    for (const body of [event, encoded, sns(plain), sns(event), { ...event, data: sns(plain) }])
      expect(parse(body).id).toBe('a');
    expect(parse(sns(item({ image: { href: HREF } }))).id).toBe('S2A_1');
    const binary = { ...message(plain), headers: { ce_specversion: '1.0', ce_id: '1', ce_type: 't', ce_source: 's' } };
    expect(parseScene(binary, settings).id).toBe('a');
  });

  it.each([
    'https://example.com/a.tif?sig=SECRET',
    '{"href":"https://example.com/a.tif?sig=SECRET',
    '{"sig": SECRET}',
    '{"href":"https://example.com/a.tif", "sig": SECRET, "id": "and so on"}',
    '{"href":"https://example.com/a.tif?sig=SECRET",}',
    { href: 'example.com/a.tif?sig=SECRET' },
    { href: '//user:SECRET@example.com/a.tif#SECRET' },
    { href: 'user:SECRET@', datetime: 'SECRET' },
  ])('tells no signature when it refuses %j', (body) => {
    expect(refusal(body)).toMatch(/^(?!.*SECRET)/s);
  });

  it.each<[string, unknown, string]>([
    ['no value', null, 'no value'],
    ['no JSON', 'scene.tif', 'is not JSON'],
    ['no text', Buffer.from([0xff, 0xfe, 0]), 'is not JSON'],
    ['text of another encoding', inLatin1, 'not UTF-8'],
    ['such text in a CloudEvent', { specversion: '1.0', data_base64: inLatin1.toString('base64') }, 'not UTF-8'],
    ['a number', 7, 'no scene message'],
    ['an array', [{ href: HREF }], 'no scene message'],
    ['an unknown shape', { file: HREF }, 'names no href'],
    ['an unknown scheme', { href: 'ftp://bucket/a.tif' }, 'scheme ftp:'],
    ['a relative href', { href: 'a.tif' }, 'no absolute URL'],
    ['an empty href', { href: '' }, 'no absolute URL'],
    ['an href that is no text', { href: 7 }, 'no scene message: href'],
    ['two hrefs', { href: HREF, url: `${HREF}x` }, 'href and url differ'],
    ['a time that is none', { href: HREF, datetime: 'yesterday' }, 'datetime'],
    ['an id that is empty', { href: HREF, id: '' }, 'id'],
    ['a CloudEvent without data', { specversion: '1.0', id: '1' }, 'expected specversion 1.0, and data'],
    ['a CloudEvent of another version', { specversion: '0.3', data: { href: HREF } }, 'expected specversion 1.0'],
    ['another FeatureCollection', { type: 'FeatureCollection', features: [] }, 'names no href'],
    ['a Feature that is no STAC Item', { type: 'Feature', geometry: null, properties: {} }, 'no STAC Item'],
    [
      'too many envelopes',
      { specversion: '1.0', data: { specversion: '1.0', data: { specversion: '1.0', data: {} } } },
      'names no href',
    ],
    ['too many bytes', { href: HREF, id: 'x'.repeat(10_000) }, 'longer than 10000 bytes'],
  ])('refuses %s', (_, body, reason) => {
    expect(refusal(body)).toContain(reason);
  });
});
