import { drawNumber } from './digits.ts';

/** Signs as SVG around (0, 0), 100 units across, in colours that the light decides. */
export type Paints = Readonly<Record<'white' | 'black' | 'grey' | 'red' | 'blue' | 'yellow', string>>;

type Draw = (paints: Paints) => string;

const disc = (radius: number, colour: string) => `<circle r="${radius}" fill="${colour}"/>`;
const ringed = ({ white, red }: Paints) => disc(50, white) + disc(47.5, red) + disc(36, white);
const limit =
  (speed: string): Draw =>
  (paints) =>
    ringed(paints) + drawNumber(speed, paints.black);
const polygon = (points: string, colour: string) => `<polygon points="${points}" fill="${colour}"/>`;
const box = (x: number, y: number, width: number, height: number, colour: string) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" fill="${colour}"/>`;
const car = (x: number, colour: string) => box(x - 11, -2, 22, 12, colour) + box(x - 7, -10, 14, 9, colour);
const triangle = (side: number) => `0,${-side} ${0.9 * side},${0.62 * side} ${-0.9 * side},${0.62 * side}`;

/** The signs that give a scene its class. */
export const limits = { '30': limit('30'), '50': limit('50'), '70': limit('70') } as const satisfies Record<
  string,
  Draw
>;

/** Signs that a scene may have whatever its class is. */
export const others = {
  noOvertaking: (p) => ringed(p) + car(-13, p.red) + car(13, p.black),
  noLorries: (p) => ringed(p) + box(-22, -13, 26, 22, p.black) + box(6, -6, 14, 15, p.black),
  noVehicles: ringed,
  noEntry: (p) => disc(50, p.white) + disc(48, p.red) + box(-36, -9, 72, 18, p.white),
  stop: (p) => {
    const corners = '-20,-48 20,-48 48,-20 48,20 20,48 -20,48 -48,20 -48,-20';
    const letters = [-28, -10, 8, 24].map((x) => box(x, -12, 10, 24, p.white));
    return polygon(corners, p.red) + letters.join('');
  },
  danger: (p) => polygon(triangle(52), p.red) + polygon(triangle(31), p.white) + box(-5, -14, 10, 28, p.black),
  giveWay: (p) => `<g transform="rotate(180)">${polygon(triangle(52), p.red) + polygon(triangle(29), p.white)}</g>`,
  ahead: (p) =>
    disc(50, p.white) + disc(48, p.blue) + box(-5, -20, 10, 50, p.white) + polygon('0,-36 18,-12 -18,-12', p.white),
  priority: (p) => polygon('0,-50 50,0 0,50 -50,0', p.white) + polygon('0,-34 34,0 0,34 -34,0', p.yellow),
  endOfLimit: (p) =>
    `${disc(50, p.grey) + disc(46, p.white)}<path d="M-34,30 L30,-34" stroke="${p.grey}" stroke-width="10"/>`,
  lamp: (p) => disc(30, p.red),
  poster: (p) => box(-50, -30, 100, 60, p.red) + box(-34, -12, 68, 14, p.white),
  plate: (p) => box(-50, -22, 100, 44, p.white) + box(-38, -8, 76, 6, p.black) + box(-30, 5, 60, 6, p.black),
  twenty: limit('20'),
  sixty: limit('60'),
  eighty: limit('80'),
  hundred: limit('100'),
  hundredTwenty: limit('120'),
} as const satisfies Record<string, Draw>;

export type SignShape = keyof typeof limits | keyof typeof others;

/** What a sign hangs on or beside, drawn before it. */
export const mountings = {
  none: () => '',
  pole: (p) => box(-4, 40, 8, 190, p.grey),
  plated: (p) =>
    box(-4, 40, 8, 190, p.grey) +
    box(-42, 54, 84, 40, p.white) +
    box(-30, 66, 60, 5, p.black) +
    box(-24, 78, 48, 5, p.black),
  board: (p) => box(-68, -68, 136, 170, p.black) + box(-65, -65, 130, 164, p.white) + box(-45, 62, 90, 22, p.black),
  below: (p) => `<g transform="translate(0 -96)">${others.danger(p)}</g>${box(-4, 40, 8, 190, p.grey)}`,
} as const satisfies Record<string, Draw>;

export type Mounting = keyof typeof mountings;

export function drawSign(shape: SignShape, mounting: Mounting, paints: Paints): string {
  return mountings[mounting](paints) + { ...limits, ...others }[shape](paints);
}
