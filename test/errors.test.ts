import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failures } from '../src/errors.ts';
import { settingsTable } from '../src/settings-table.ts';

describe('failures', () => {
  const page = readFileSync('docs/failures.md', 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

  it('are explained in docs/failures.md, each code once, as they are', () => {
    const told = rows.filter(([, code = '']) => /^`[a-z.]+`$/.test(code)).map((cells) => cells.slice(1, 4));
    const expected = Object.entries(failures).map(([code, { meaning, transient }]) => {
      return [`\`${code}\``, meaning, transient ? 'yes' : 'no'];
    });
    expect(told).toEqual(expected);
  });

  it('are cured there by settings that exist', () => {
    const known = settingsTable().map(({ path }) => path);
    const sections = [...new Set(known.map((path) => path.split('.')[0]))].join('|');
    const named = [...page.matchAll(new RegExp(`\`((?:${sections})\\.\\w+)\``, 'g'))].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !known.includes(name) && !(name in failures))).toEqual([]);
  });
});
