import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../src/config.ts';
import { settingsMarkdown } from '../src/settings-table.ts';
import { parseScene } from '../src/sources/messages/scene-message.ts';

describe('README.md', () => {
  const readme = readFileSync('README.md', 'utf8');

  it('holds the settings as the schema has them (npm run settings writes them)', () => {
    const [, table] = /<!-- settings -->\n([\s\S]*)<!-- \/settings -->/.exec(readme) ?? [];
    expect(table).toBe(settingsMarkdown());
  });

  it('shows a message that is a message', () => {
    const line = readme.split('\n').find((text) => text.startsWith('    {"id"'));
    const message = { key: null, value: Buffer.from(line ?? ''), headers: {}, origin: 'README' };
    expect(parseScene(message, configSchema.parse({}).scenes)).toMatchObject({ id: 'rotterdam-0412' });
  });

  it('names files and folders that exist', () => {
    const links = [...readme.matchAll(/\]\(((?!https:)[^)]+)\)/g)].map(([, path]) => path ?? '');
    expect(links.length).toBeGreaterThan(3);
    for (const path of links) expect([path, existsSync(path)]).toEqual([path, true]);
  });
});
