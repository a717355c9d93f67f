import { hash } from 'node:crypto';
import type { Classification, Geometry, Ring } from '../scene.ts';

/**
 * Writes a classification as a CloudEvent 1.0 whose data is one GeoJSON Feature (RFC 7946). The event's id is a hash of
 * everything that the answer depends on, so a scene that is classified again replaces its first event wherever events
 * are kept by id.
 */
export type ClassificationEvent = { readonly attributes: EventAttributes; readonly feature: object };

export type EventAttributes = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly datacontenttype: string;
};

export type EventSettings = {
  /** `source` of the CloudEvents. */
  readonly source: string;
  readonly anyResolution: boolean;
};

export function classificationEvent(found: Classification, settings: EventSettings): ClassificationEvent {
  return {
    attributes: {
      specversion: '1.0',
      id: eventId(found, settings),
      source: settings.source,
      type: 'saccade.scene.classified',
      time: found.processed,
      subject: found.scene.id,
      datacontenttype: 'application/geo+json',
    },
    feature: {
      type: 'Feature',
      id: found.scene.id,
      geometry: found.footprint && shortened(found.footprint),
      properties: propertiesOf(found),
    },
  };
}

/** The Kafka form, binary mode: attributes in headers, the Feature as value, the scene as key. */
export function eventRecord({ attributes, feature }: ClassificationEvent) {
  const { datacontenttype, specversion, id, source, type, time, subject } = attributes;
  return {
    key: subject,
    value: JSON.stringify(feature),
    headers: {
      'content-type': datacontenttype,
      ce_specversion: specversion,
      ce_id: id,
      ce_source: source,
      ce_type: type,
      ce_time: time,
      ce_subject: subject,
    } as Record<string, string>,
  };
}

/** The form for a line of JSON, structured mode: attributes and data in one object. */
export function eventLine({ attributes, feature }: ClassificationEvent): string {
  return JSON.stringify({ ...attributes, data: feature });
}

/** A hash of all that changes the answer; never of lanes, brokers or logs. */
function eventId({ scene, source, model, draw }: Classification, settings: EventSettings): string {
  const content = source.etag ?? [source.lastModified, source.bytes];
  const choices = [draw.estimator, draw.patches, draw.seed, settings.anyResolution];
  const parts = [settings.source, scene.id, content, model.name, model.version, model.sha256, ...choices];
  return hash('sha256', JSON.stringify(parts), 'hex');
}

function propertiesOf(found: Classification): object {
  const { scene, source, place, seconds } = found;
  return {
    class: found.class,
    probability: rounded(Math.max(...Object.values(found.probabilities))),
    confidence: found.confidence,
    probabilities: mapValues(found.probabilities, rounded),
    standard_error: rounded(found.standardError),
    datetime: scene.datetime ?? null,
    processed: found.processed,
    model: found.model,
    source: {
      href: linkTo(scene.href),
      ...(scene.hrefs && { hrefs: scene.hrefs.map(linkTo) }),
      etag: source.etag,
      id: scene.id,
    },
    evidence: found.evidence.map(({ footprint, level, x, y, width, height, attention, pull }) => ({
      footprint: footprint && shortened(footprint),
      level,
      x,
      y,
      width,
      height,
      attention: significant(attention),
      pull: rounded(pull),
    })),
    place: place && { type: 'Point', coordinates: place.map(degrees) },
    read: { ...found.read, share: significant(found.read.share) },
    draw: found.draw,
    seconds: mapValues(seconds, (s) => Math.round(s * 1e3) / 1e3),
    backend: found.backend,
  };
}

/** Without credentials and query: these can hold signatures, which belong in no event. */
function linkTo(href: string): string {
  const { protocol, host, pathname } = new URL(href);
  return `${protocol}//${host}${pathname}`;
}

/** Seven decimals, which is a centimetre. */
function degrees(value: number): number {
  return Math.round(value * 1e7) / 1e7; // not toFixed, which takes longer than all else here
}

function shortened(area: Geometry): Geometry {
  const ring = (positions: Ring): Ring => positions.map(([x, y]) => [degrees(x), degrees(y)]);
  if (area.type === 'Polygon') return { ...area, coordinates: area.coordinates.map(ring) };
  return { ...area, coordinates: area.coordinates.map((polygon) => polygon.map(ring)) };
}

/** Four decimals: the last bits differ between machines, and say nothing. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Four digits: a share of a large scene is small. */
function significant(value: number): number {
  if (!(Math.abs(value) > 1e-300)) return value; // too small to scale, or no number
  const scale = 10 ** (3 - Math.floor(Math.log10(Math.abs(value))));
  return Math.round(value * scale) / scale; // not toPrecision, which takes twenty times as long
}

function mapValues(
  record: Readonly<Record<string, number>>,
  change: (value: number) => number,
): Record<string, number> {
  const changed: Record<string, number> = {};
  for (const name in record) changed[name] = change(record[name] as number); // a key of its own
  return changed;
}
