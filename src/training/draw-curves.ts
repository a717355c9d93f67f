import sharp from 'sharp';
import type { LogEntry, LoggedStep, LoggedValidation } from './training-log.ts';

/**
 * How a training went, as a PNG of three panels over the steps: loss, share of scenes answered rightly (of training
 * scenes as they came, of validation scenes as dots), and the entropy of the attention in nats. Curves of steps are
 * moving means, since single steps are noise.
 */
const WIDTH = 960;
const PANEL = 220;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 16, 28, 24];
const MEAN_OF = 50;
const [TRAINING, VALIDATION, GRID, INK] = ['#1f77b4', '#d62728', '#dddddd', '#333333'];

type Point = readonly [step: number, value: number];
type Panel = { readonly title: string; readonly line: readonly Point[]; readonly dots: readonly Point[] };

/** @param entries at least one step */
export function drawCurves(entries: readonly LogEntry[]): Promise<Buffer> {
  const steps = entries.filter((entry): entry is LoggedStep => 'loss' in entry);
  const validations = entries.filter((entry): entry is LoggedValidation => 'validationError' in entry);
  const line = (value: (step: LoggedStep) => number) => movingMean(steps.map((step) => [step.step, value(step)]));
  const panels: Panel[] = [
    { title: 'loss', line: line(({ loss }) => loss), dots: [] },
    {
      title: 'accuracy (dots: validation)',
      line: line(({ accuracy }) => accuracy),
      dots: validations.map(({ step, validationError }) => [step, 1 - validationError]),
    },
    { title: 'entropy of the attention, nats', line: line(({ entropy }) => entropy), dots: [] },
  ];
  const last = Math.max(...entries.map(({ step }) => step));
  const drawn = panels.map((panel, index) => panelSvg(panel, { top: index * PANEL, last }));
  const size = `width="${WIDTH}" height="${PANEL * panels.length}"`;
  const background = `<rect ${size} fill="#ffffff"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">`;
  return sharp(Buffer.from(`${svg}${background}${drawn.join('')}</svg>`))
    .png()
    .toBuffer();
}

function movingMean(points: readonly Point[]): Point[] {
  let sum = 0;
  return points.map(([step, value], i) => {
    sum += value - (i >= MEAN_OF ? (points[i - MEAN_OF] as Point)[1] : 0);
    return [step, sum / Math.min(i + 1, MEAN_OF)];
  });
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
