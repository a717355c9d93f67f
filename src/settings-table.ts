import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { bundledModel, configSchema } from './config.ts';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

export type Setting = {
  /** As in the file: `kafka.inputTopic`. */
  readonly path: string;
  /** As in the environment: `SACCADE_KAFKA_INPUT_TOPIC`. */
  readonly env: string;
  /** A `record` is written as JSON in the environment. */
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'record';
  /** As people write it; empty where there is none. */
  readonly default: string;
  readonly description: string;
};

/** All settings in the order of the schema, for the environment, for documentation and for spelling help. */
export function settingsTable(): Setting[] {
  return [...settingsOf(configSchema, [])];
}

/** The settings as a Markdown table. */
export function settingsMarkdown(): string {
  const rows = settingsTable().map(
    (s) => `| \`${s.path}\` | \`${s.env}\` | ${s.default && `\`${s.default}\``} | ${s.description} |`,
  );
  return ['| setting | environment | default | what it is |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function* settingsOf(object: z.ZodObject, path: readonly string[]): Generator<Setting> {
  for (const [key, schema] of Object.entries(object.shape)) {
    const here = [...path, key];
    const { leaf, fallback } = unwrap(schema);
    if (leaf instanceof z.ZodObject) yield* settingsOf(leaf, here);
    else
      yield {
        path: here.join('.'),
        env: `SACCADE_${here.map((part) => part.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_')}`,
        type: typeOf(leaf),
        default: shown(fallback),
        description: z.globalRegistry.get(schema as z.ZodType)?.description ?? '',
      };
  }
}

function unwrap(schema: unknown, fallback?: unknown): { leaf: unknown; fallback: unknown } {
  if (schema instanceof z.ZodDefault) return unwrap(schema.def.innerType, schema.def.defaultValue);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.def.innerType, fallback);
  return { leaf: schema, fallback };
}

function typeOf(leaf: unknown): Setting['type'] {
  if (leaf instanceof z.ZodNumber) return 'number';
  if (leaf instanceof z.ZodBoolean) return 'boolean';
  if (leaf instanceof z.ZodRecord) return 'record';
  return leaf instanceof z.ZodArray ? 'list' : 'text';
}

function shown(fallback: unknown): string {
  if (fallback === undefined || isEmptyRecord(fallback)) return '';
  return fallback === bundledModel ? relative(packageRoot, bundledModel) : String(fallback);
}

function isEmptyRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
