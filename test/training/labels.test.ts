import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLabels } from '../../src/training/labels.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'saccade-labels-'));
});

afterEach(() => rm(directory, { recursive: true }));

function write(name: string, ...lines: string[]): Promise<void> {
  return writeFile(join(directory, name), lines.join('\n'));
}

describe('readLabels', () => {
  it('reads scenes, and where the object of interest lies', async () => {
    await write(
      'labels.jsonl',
      '{"file":"a.tif","id":"first","class":"ferry","vessel":{"box":[10,20,40,30],"heading":3}}',
      '{"file":"sub/b.tif","class":"none","vessel":null,"barges":[]}',
      '',
    );
    expect(await readLabels(directory)).toEqual([
      { id: 'first', path: join(directory, 'a.tif'), class: 'ferry', box: { x: 10, y: 20, width: 30, height: 10 } },
      { id: 'b', path: join(directory, 'sub/b.tif'), class: 'none' },
    ]);
  });

  it('reads a table of files and labels, whatever else is in it', async () => {
    await write('labels.csv', 'label,width,file', 'ferry,512,a.tif', 'none,512,b.tif', '');
    expect(await readLabels(directory)).toEqual([
      { id: 'a', path: join(directory, 'a.tif'), class: 'ferry' },
      { id: 'b', path: join(directory, 'b.tif'), class: 'none' },
    ]);
  });

  it('says that there are none', async () => {
    await expect(readLabels(directory)).rejects.toThrow(/holds neither labels\.jsonl nor labels\.csv/);
    await expect(readLabels(join(directory, 'nowhere'))).rejects.toThrow(/nowhere is no data set/);
  });

  it('names the lines that make no sense, the first five of them', async () => {
    await write('labels.jsonl', '{"file":"a.tif","class":"ferry"}', '{"file":"b.tif"}', 'ferry');
    await expect(readLabels(directory)).rejects.toThrow(/line 2: class: .*\n.*line 3: /);
    await write('labels.jsonl', ...new Array<string>(9).fill('{}'));
    await expect(readLabels(directory)).rejects.toMatchObject({ mistakes: { length: 6 } });
  });

  it('wants a header that names the columns, and at least one scene', async () => {
    await write('labels.csv', 'a.tif,ferry', 'b.tif,none');
    await expect(readLabels(directory)).rejects.toThrow(/line 2: file: /);
    await write('labels.csv', 'file,label', '');
    await expect(readLabels(directory)).rejects.toThrow(/labels no scene/);
  });
});
