import { describe, expect, it } from 'vitest';
import { type CostRow, MOST_CELLS } from '../../src/commands/cost-by-places.ts';
import type { EvaluationReport } from '../../src/commands/evaluation-text.ts';
import { type PageParts, reportPage } from '../../src/commands/report-page.ts';
import { evaluate } from '../../src/training/evaluation.ts';
import type { Judged } from '../../src/training/validate.ts';

/** Of two scenes that have the object, one is mistaken; where the object lies is known of neither. */
function judged(id: string, label: string, answer: string): Judged {
  return { id, label, answer, probability: 0.75, standardError: 0.01, seconds: 0.02 } as Judged; // what evaluation reads
}

const classes = ['none', 'a|b'];
const scenes = [judged('1', 'none', 'none'), judged('2', 'a|b', 'a|b'), judged('3', 'a|b', 'none')];
const report = {
  ...evaluate(scenes, { classes, confidence: { nominal: 0.5, high: 0.9 } }),
  dataset: 'data/test',
  model: { directory: 'models/m', name: 'm', version: '1.2.3' },
  backend: 'wasm',
  estimator: 'systematic' as const,
  patches: 10,
  asAsked: true,
  seed: 7,
  millisecondsPerScene: 20,
  residentBytes: 1e8,
  peakBytes: 2e8,
  answers: [],
  wrong: [],
};
const row: CostRow = { places: 10, asAsked: true, scenes: 3, error: 1 / 3, seconds: 0.0204, tensorBytes: 3_460_000 };

function page(parts: Partial<PageParts> = {}, changes: Partial<EvaluationReport> = {}): string {
  return reportPage({ ...report, ...changes }, { costs: [row], cells: [256, 256], pictures: [], ...parts });
}

/** Of the table that has this first line: all of it, as cells. */
function tableUnder(text: string, head: string): string[][] {
  const lines = text.split('\n');
  const from = lines.indexOf(head);
  const length = lines.slice(from).indexOf('');
  return lines.slice(from, from + length).map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
}

describe('reportPage', () => {
  it('says of what it is: model, data set, places, estimator, seed, backend', () => {
    const [title, , about] = page().split('\n');
    expect(title).toBe('# m 1.2.3 on data/test');
    expect(about).toBe('3 scenes; 10 places in each, drawn by `systematic`, seed 7; backend wasm.');
  });

  it('says how many places those are at most where scenes have fewer than were asked for', () => {
    const [, , about] = page({}, { estimator: 'all', patches: 256, asAsked: false }).split('\n');
    expect(about).toContain('3 scenes; at most 256 places in each, drawn by `all`');
    expect(page({ costs: [{ ...row, asAsked: false }] })).toContain('| at most 10 | 3 | 33.3 % |');
  });

  it('gives a row to each class and a column to each answer, whatever classes are named', () => {
    const rows = tableUnder(page(), '| is \\ said | none | a\\|b | right |');
    expect(rows.every(({ length }) => length === 4)).toBe(true);
    expect(rows.slice(2).map((cells) => cells.slice(1, 3).map(Number))).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('leaves a share open where there is no scene to have it of', () => {
    expect(page()).toContain('| a place lies on the object | – | 0 |');
    expect(page()).toContain('| right | 66.7 % ± 27.2 % | 3 |');
  });

  it('tells cost in milliseconds and megabytes, and the exact pass by how many places that is', () => {
    const exact: CostRow = { ...row, places: 'all' };
    const rows = tableUnder(page({ costs: [row, exact] }), '| places | scenes | wrong | ms a scene | tensors, MB |');
    const cells = rows.slice(2).map((line) => line.map((text) => text.trim()));
    expect(cells).toEqual([
      ['10', '3', '33.3 %', '20.4', '3.5'],
      ['all 256 (exact)', '3', '33.3 %', '20.4', '3.5'],
    ]);
  });

  it('says that the exact pass was not run where there are too many places for it', () => {
    expect(page({ cells: [1, MOST_CELLS + 1] })).toContain(`| all 1 to ${MOST_CELLS + 1} (exact) | – | not run |`);
    expect(page({ cells: [MOST_CELLS] })).not.toContain('not run');
  });

  it('says under each picture whether the answer was right, and else what it is', () => {
    const picture = { scene: '2', label: 'a', probability: 0.5, attention: 'p/2.png', patches: 'p/2-seen.png' };
    const text = page({
      pictures: [
        { ...picture, answer: 'a' },
        { ...picture, answer: 'none' },
      ],
    });
    expect(text).toContain('Answered a (0.500), rightly.');
    expect(text).toContain('Answered none (0.500), wrongly, it is a.');
    expect(text).toContain('![scene and attention](p/2.png)');
  });

  it('shows names as they are, whatever markup they look like', () => {
    const names = { scene: '<img src=x onerror=y>\n~~a~~ | [b](c) #', label: '<b>', answer: '*x* _y_' };
    const text = page({ pictures: [{ ...names, probability: 0.5, attention: 'p/2.png', patches: 'p/2-seen.png' }] });
    expect(text).toContain('\n\n### \\<img src=x onerror=y> \\~\\~a\\~\\~ \\| \\[b\\](c) \\#\n\n');
    expect(text).toContain('Answered \\*x\\* \\_y\\_ (0.500), wrongly, it is \\<b>.');
  });
});
