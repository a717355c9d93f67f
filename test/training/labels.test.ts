import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLabels } from '../../src/training/labels.ts';
import { parts } from '../setup/parts.ts';
import { sharedData } from '../shared-data.ts';

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
      { id: 'first', path: join(directory, 'a.tif'), class: 'ferry', boxes: [{ x: 10, y: 20, width: 30, height: 10 }] },
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

  it('keeps the columns of a table apart where the first one is empty, in its header or in a line', async () => {
    await write('labels.csv', ',file,label', '0,a.tif,ferry', ',b.tif,none', '');
    expect(await readLabels(directory)).toEqual([
      { id: 'a', path: join(directory, 'a.tif'), class: 'ferry' },
      { id: 'b', path: join(directory, 'b.tif'), class: 'none' },
    ]);
    await write('labels.csv', 'fold,file,label,id', ',a.tif,ferry,first', '');
    expect(await readLabels(directory)).toEqual([{ id: 'first', path: join(directory, 'a.tif'), class: 'ferry' }]);
  });

  it('says that there are none', async () => {
    await expect(readLabels(directory)).rejects.toThrow(/holds neither labels\.jsonl nor labels\.csv/);
    await expect(readLabels(join(directory, 'nowhere'))).rejects.toThrow(/nowhere is no data set/);
  });

  it('names the lines that make no sense, the first twenty of them', async () => {
    await write('labels.jsonl', '{"file":"a.tif","class":"ferry"}', '{"file":"b.tif"}', 'ferry');
    await expect(readLabels(directory)).rejects.toThrow(/line 2: class: .*\n.*line 3: /);
    await write('labels.jsonl', ...new Array<string>(25).fill('{}'));
    const mistakes = expect.arrayContaining([expect.stringContaining('line 20: '), 'and 5 more mistakes']);
    await expect(readLabels(directory)).rejects.toMatchObject({ mistakes: { length: 21 } });
    await expect(readLabels(directory)).rejects.toMatchObject({ mistakes });
  });

  it('names every label that is no class', async () => {
    await write('labels.csv', 'file,label', 'a.tif,ferry', 'b.tif,submarine', 'c.tif,none', 'd.tif,Ferry');
    const classes = ['none', 'ferry'];
    await expect(readLabels(directory, classes)).rejects.toMatchObject({
      mistakes: [
        `${join(directory, 'labels.csv')}, line 3: b is labelled submarine, which is no class of the model (none, ferry)`,
        `${join(directory, 'labels.csv')}, line 5: d is labelled Ferry, which is no class of the model (none, ferry)`,
      ],
    });
  });

  it('names the lines that make no sense where what is left of them is not what is selected', async () => {
    await write('labels.csv', 'file,label,split', 'a.tif,submarine,val', 'b.tif,none,train');
    await expect(readLabels(`${directory}#split=val`, ['none', 'ferry'])).rejects.toMatchObject({
      mistakes: [
        expect.stringContaining('line 2: a is labelled submarine'),
        `${directory}#split=val selects 0 of 1 scenes; they have train`,
      ],
    });
  });

  it('finds no boxes for a file that is named as what every object has', async () => {
    await write('labels.jsonl', '{"file":"constructor","class":"ferry"}');
    await write('boxes.json', '{}');
    expect(await readLabels(directory)).toEqual([
      { id: 'constructor', path: join(directory, 'constructor'), class: 'ferry' },
    ]);
  });

  it('wants every scene once, and under a name of its own', async () => {
    const header = 'file,label,id';
    await write(
      'labels.csv',
      header,
      'a.tif,ferry',
      'a.tif,none',
      'sub/a.tif,ferry',
      'a.png,ferry',
      'b/a.tif,ferry,other',
    );
    const path = join(directory, 'labels.csv');
    await expect(readLabels(directory)).rejects.toMatchObject({
      mistakes: [
        `${path}, line 3: a.tif is listed already, in line 2`,
        `${path}, line 4: sub/a.tif is named a as a.tif is, in line 2: give one of them another id`,
        `${path}, line 5: a.png is named a as a.tif is, in line 2: give one of them another id`,
      ],
    });
  });

  it('reads what spreadsheets write: a byte order mark, quoted fields', async () => {
    await write('labels.csv', '\uFEFFfile,label,split,fold', '"a, or b.png","the ""first"" one",train,3', 'c.png,5,,');
    expect(await readLabels(directory)).toEqual([
      { id: 'a, or b', path: join(directory, 'a, or b.png'), class: 'the "first" one', split: 'train', fold: '3' },
      { id: 'c', path: join(directory, 'c.png'), class: '5' },
    ]);
  });

  it('looks for files in the folder, and then in its images', async () => {
    await mkdir(join(directory, 'images'));
    await write('here.png');
    await write('labels.csv', 'file,label', 'here.png,1', 'there.png,1');
    const paths = (await readLabels(directory)).map(({ path }) => path);
    expect(paths).toEqual([join(directory, 'here.png'), join(directory, 'images/there.png')]);
  });

  it('reads where the objects of interest lie, and counts those of the scene’s own class', async () => {
    await write('labels.csv', 'file,label', 'a.png,50', 'b.png,none', 'c.png,50', 'd.png,x');
    const at = (left: number, more: object) => ({ left, top: 2, right: left + 10, bottom: 22, ...more });
    await write(
      'boxes.json',
      JSON.stringify({
        'a.png': [at(1, { objectId: 2 }), at(5, { objectId: 12 })],
        'b.png': [at(1, { objectId: 2 })],
        'c.png': [at(1, { label: '50' }), at(9, { label: '50' }), at(7, { label: '30' })],
        'd.png': [at(3, {})],
      }),
    );
    const boxes = (await readLabels(directory)).map((scene) =>
      scene.boxes?.map(({ x, width, height }) => [x, width, height]),
    );
    expect(boxes).toEqual([
      [[1, 10, 20]],
      undefined,
      [
        [1, 10, 20],
        [9, 10, 20],
      ],
      [[3, 10, 20]],
    ]);
    await write('boxes.json', '{"a.png": [{"left": "far"}]}');
    await expect(readLabels(directory)).rejects.toThrow(/boxes\.json: a\.png\.0\.left: /);
    await write('boxes.json', '{"a.png": ');
    await expect(readLabels(directory)).rejects.toThrow(/boxes\.json: is not JSON/);
  });

  it('reads the part of a data set that is named behind a #', async () => {
    await write('labels.csv', 'file,label,split', 'a.tif,1,train', 'b.tif,1,test', 'c.tif,2,train');
    expect((await readLabels(`${directory}#split=train`)).map(({ id }) => id)).toEqual(['a', 'c']);
  });

  it('takes several data sets as one, and counts twice what is named twice', async () => {
    await mkdir(join(directory, 'a'));
    await mkdir(join(directory, 'b'));
    await write('a/labels.csv', 'file,label', '1.tif,ferry');
    await write('b/labels.csv', 'file,label', '2.tif,none');
    const [a, b] = [join(directory, 'a'), join(directory, 'b')];
    const scenes = await readLabels(`${a} + ${b} + ${a}`);
    expect(scenes.map(({ id }) => id)).toEqual(['1', '2', '1']);
  });

  it('wants a header that names the columns, and at least one scene', async () => {
    await write('labels.csv', 'a.tif,ferry', 'b.tif,none');
    const path = join(directory, 'labels.csv');
    await expect(readLabels(directory)).rejects.toThrow(
      `${path}, line 1: no column is called file or label; they are: a.tif, ferry`,
    );
    await write('labels.csv', '', 'filename,label', 'a.tif,ferry');
    await expect(readLabels(directory)).rejects.toThrow('line 2: no column is called file; they are: filename, label');
    await write('labels.csv', 'file,label', '');
    await expect(readLabels(directory)).rejects.toThrow(/labels no scene/);
  });
});

describe.skipIf(!parts.sharedData)('readLabels, needs shared data', () => {
  it('reads the German traffic signs: 399 scenes, a sign of its own limit boxed in each that has one', async () => {
    const scenes = await readLabels(sharedData('gtsdb'), ['none', '30', '50', '70']);
    const count = (label: string) => scenes.filter((scene) => scene.class === label).length;
    expect(['none', '30', '50', '70'].map(count)).toEqual([250, 58, 52, 39]);
    for (const { class: label, boxes } of scenes) expect(boxes === undefined).toBe(label === 'none');
  });
});
