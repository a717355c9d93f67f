import { createRequire } from 'node:module';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const { version } = z.object({ version: z.string() }).parse(require('kafkajs/package.json'));

/**
 * Some of what the group needs reaches into kafkajs, where another version may be built otherwise and would fail without
 * a word: messages repeated, commits lost.
 * @throws {Error} for any other version than the one that was read and tried
 */
export function expectKafkajs(): void {
  if (version !== '2.2.4') throw new Error(`kafkajs ${version} is here, but this part is built on the inside of 2.2.4`);
}
