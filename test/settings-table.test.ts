import { describe, expect, it } from 'vitest';
import { settingsMarkdown, settingsTable } from '../src/settings-table.ts';

describe('settingsTable', () => {
  it('names and describes every setting', () => {
    const table = settingsTable();
    expect(table.map((s) => s.env)).toEqual(
      expect.arrayContaining([
        'SACCADE_KAFKA_INPUT_TOPIC',
        'SACCADE_SOURCES_ALLOW_PRIVATE',
        'SACCADE_SCENES_ANY_RESOLUTION',
        'SACCADE_HTTP_PORT',
      ]),
    );
    expect(table.filter((s) => s.description === '')).toEqual([]);
    expect(table.find((s) => s.path === 'model')?.default).toBe('models/harbour');
  });
});

describe('settingsMarkdown', () => {
  it('is a table with a row per setting', () => {
    expect(settingsMarkdown().trimEnd().split('\n')).toHaveLength(settingsTable().length + 2);
  });
});
