import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
formats.default(ajv);

const names = ['classification-event', 'dead-letter', 'scene-message'] as const;
for (const name of names)
  ajv.addSchema(JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8')));

/** What a value breaks of a schema, or of one of its definitions; empty for a value that is valid. */
export function violations(schema: (typeof names)[number], value: unknown, definition?: string): string[] {
  const pointer = definition === undefined ? '' : `#/$defs/${definition}`;
  const validate = ajv.getSchema(`urn:saccade:schemas:${schema}.schema.json${pointer}`);
  if (validate === undefined) throw new Error(`no schema ${schema}${pointer}`);
  validate(value);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}
