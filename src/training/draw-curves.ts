import sharp from 'sharp';
import { Curve, type Point } from './curve.ts';
import type { LogEntry } from './training-log.ts';

/**
 * How a training went, as a PNG of three panels over the steps: loss, share of scenes answered rightly (of training
 * scenes as they came, of validation scenes as dots), and the entropy of the attention in nats. Curves of steps are
 * means over neighbours, since single steps are noise.
 */
const WIDTH = 960;
const PANEL = 220;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 28, 24];
/** Means in a curve. */
const MOST = 200;
const [TRAINING, VALIDATION, GRID, INK] = ['#1f77b4', '#d62728', '#dddddd', '#333333'];

type Panel = { readonly title: string; readonly line: readonly Point[]; readonly dots: readonly Point[] };

/** @param entries at least one step; they are gone through once, and not kept */
export async function drawCurves(entries: AsyncIterable<LogEntry> | Iterable<LogEntry>): Promise<Buffer> {
  const [loss, accuracy, entropy, validated] = [new Curve(MOST), new Curve(MOST), new Curve(MOST), new Curve(MOST)];
  let last = 0;
  for await (const entry of entries) {
    last = Math.max(last, entry.step);
    if ('validationError' in entry) {
      validated.add(entry.step, 1 - entry.validationError);
      continue;
    }
    loss.add(entry.step, entry.loss);
    accuracy.add(entry.step, entry.accuracy);
    entropy.add(entry.step, entry.entropy);
  }
  return draw(
    [
      { title: 'loss', line: loss.points, dots: [] },
      { title: 'accuracy (dots: validation)', line: accuracy.points, dots: validated.points },
      { title: 'entropy of the attention, nats', line: entropy.points, dots: [] },
    ],
    last,
  );
}

function draw(panels: readonly Panel[], last: number): Promise<Buffer> {
  const drawn = panels.map((panel, index) => panelSvg(panel, { top: index * PANEL, last }));
  const size = `width="${WIDTH}" height="${PANEL * panels.length}"`;
  const background = `<rect ${size} fill="#ffffff"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">`;
  return sharp(Buffer.from(`${svg}${background}${drawn.join('')}</svg>`))
    .png()
    .toBuffer();
}

function panelSvg({ title, line, dots }: Panel, { top, last }: { top: number; last: number }): string {
  const values = [...line, ...dots].map(([, value]) => value);
  const [least, most] = range(values);
  const x = (step: number) => LEFT + (step / last) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => top + PANEL - BOTTOM - ((value - least) / (most - least)) * (PANEL - TOP - BOTTOM);
  const path = line.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const marks = [0, 1, 2, 3, 4].map((part) => part / 4);
  return [
    ...marks.map((part) =>
      ruler(x(0), x(last), { at: y(least + part * (most - least)), value: least + part * (most - least) }),
    ),
    ...marks.map((part) =>
      text(x(part * last), top + PANEL - 8, { anchor: 'middle', of: String(Math.round(part * last)) }),
    ),
    `<polyline points="${path}" fill="none" stroke="${TRAINING}" stroke-width="1.5"/>`,
    ...dots.map(([step, value]) => `<circle cx="${x(step)}" cy="${y(value)}" r="4" fill="${VALIDATION}"/>`),
    text(LEFT, top + 18, { anchor: 'start', of: title }),
  ].join('');
}

/** What the values span; a little around a single one. */
function range(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return most > least ? [least, most] : [least - 0.5, most + 0.5];
}

function ruler(from: number, to: number, { at, value }: { at: number; value: number }): string {
  const line = `<line x1="${from}" x2="${to}" y1="${at}" y2="${at}" stroke="${GRID}"/>`;
  return line + text(from - 6, at + 4, { anchor: 'end', of: value.toPrecision(3) });
}

function text(x: number, y: number, { anchor, of }: { anchor: string; of: string }): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${INK}">${of}</text>`;
}
