/** Tells how far a long command has come: a bar with an ETA on a terminal, a plain line now and then elsewhere. */
export type Progress = {
  /** @param done steps finished so far; @param note what to say beside the bar, such as the current loss */
  update(done: number, note?: string): void;
  /** A line of its own, above the bar. */
  line(text: string): void;
  end(): void;
};

const BAR_WIDTH = 24;
const SECONDS_BETWEEN_LINES = 10;

export function progress(stream: NodeJS.WriteStream, label: string, total: number): Progress {
  return stream.isTTY ? bar(stream, label, total) : lines(stream, label, total);
}

function bar(stream: NodeJS.WriteStream, label: string, total: number): Progress {
  const clock = eta(total);
  let shown = '';
  const draw = () => stream.write(`\r\u001b[2K${shown}`);
  return {
    update(done, note = '') {
      const filled = Math.round((BAR_WIDTH * done) / total);
      const picture = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      shown = `${label} ${picture} ${done}/${total} ${clock(done)} ${note}`.slice(0, (stream.columns ?? 100) - 1);
      draw();
    },
    line(text) {
      stream.write(`\r\u001b[2K${text}\n`);
      draw();
    },
    end: () => stream.write('\n'),
  };
}

function lines(stream: NodeJS.WriteStream, label: string, total: number): Progress {
  const clock = eta(total);
  let last = Number.NEGATIVE_INFINITY; // the first line comes at once: it has begun
  return {
    update(done, note = '') {
      if (done < total && performance.now() - last < SECONDS_BETWEEN_LINES * 1000) return;
      last = performance.now();
      stream.write(`${label} ${done}/${total} ${clock(done)} ${note}`.trimEnd().concat('\n'));
    },
    line: (text) => stream.write(`${text}\n`),
    end() {},
  };
}

/** Time left, from the pace since the first update: a resumed run does not count what an earlier one did. */
function eta(total: number): (done: number) => string {
  let first: { done: number; at: number } | undefined;
  return (done) => {
    first ??= { done, at: performance.now() };
    if (done >= total || done === first.done) return '';
    const seconds = ((performance.now() - first.at) / 1000 / (done - first.done)) * (total - done);
    return `ETA ${clock(seconds)}`;
  };
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${pad(Math.floor(whole / 3600))}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}
