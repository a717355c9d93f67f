/**
 * Digits as they stand on German road signs, drawn as strokes of our own: paths around (0, 0), 30 units high, for a line
 * of `STROKE` units.
 */
export const STROKE = 6;

const digits: Readonly<Record<string, string>> = {
  '0': 'M-7,-8 A7,7 0 0 1 7,-8 V8 A7,7 0 0 1 -7,8 Z',
  '1': 'M-4,-10 L1.5,-15 V15',
  '2': 'M-6.5,-8.5 C-6,-17.5 6.5,-17.5 6.5,-8 C6.5,-1.5 -6,7 -7,15 H7.5',
  '3': 'M-6.5,-10 C-5,-17 6.5,-17 6.5,-8.5 C6.5,-2 0,-1 -2,-1 C3,-1 7.5,1 7.5,7 C7.5,17 -6,17 -7.5,9',
  '5': 'M6.5,-15 H-5 L-6,-1 C-3,-4.5 7.5,-6 7.5,5 C7.5,17 -6,17 -7.5,9.5',
  '6': 'M4,-15.5 L-6,2 M0,-1 A7,8 0 1 1 0,15 A7,8 0 1 1 0,-1',
  '7': 'M-7.5,-15 H7 L-2.5,15.5',
  '8': 'M0,-15.5 A6,7 0 1 1 0,-1.5 A6,7 0 1 1 0,-15.5 M0,-1.5 A7,8.5 0 1 1 0,15.5 A7,8.5 0 1 1 0,-1.5',
};

const ADVANCE = 21;

/** A number in the middle of a sign of 100 units, as SVG; one of three digits is set closer. */
export function drawNumber(number: string, colour: string): string {
  const squeeze = number.length > 2 ? 0.78 : 1;
  const paths = [...number].map((digit, i) => {
    const x = (i - (number.length - 1) / 2) * ADVANCE * squeeze;
    return `<path transform="translate(${x} 0) scale(${squeeze} 1.08)" d="${digits[digit]}"/>`;
  });
  return `<g fill="none" stroke="${colour}" stroke-width="${STROKE}">${paths.join('')}</g>`;
}
