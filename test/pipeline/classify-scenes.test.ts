import { once } from 'node:events';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SceneError } from '../../src/errors.ts';
import { classifyScenes, type Parts } from '../../src/pipeline/classify-scenes.ts';
import type { Observe } from '../../src/pipeline/observe.ts';
import { uniforms } from '../../src/random.ts';
import type { Delivery, Message, Outcome } from '../../src/scene.ts';
import { drawFirst, FakeModel } from '../fakes/fake-model.ts';
import { FakeCog, FakeReader, level } from '../fakes/fake-scenes.ts';

const seconds = { open: 5, attend: 5, fetch: 5, look: 5 };
const settings = {
  lanes: 2,
  seed: 3,
  anyResolution: false,
  maxOverviewBytes: 1_000_000,
  deadlineSeconds: seconds,
  budget: { seconds: 5 },
  retry: { attempts: 3, baseSeconds: 0.001, maxSeconds: 0.001 },
};

const silent: Observe = {
  taken() {},
  stage() {},
  read() {},
  looked() {},
  retrying() {},
  bug() {},
  moved() {},
  sent() {},
};

/** Runs messages through; each is the href it names, and an empty one is malformed. */
class Bench {
  readonly log: string[] = [];
  readonly sent: Outcome[] = [];
  readonly model = new FakeModel();
  readonly reader: FakeReader;
  refuse: (outcome: Outcome) => Error | undefined = () => undefined;
  observe: Observe = silent;

  constructor(reader: FakeReader) {
    this.reader = reader;
  }

  async run(hrefs: readonly string[], more: Partial<typeof settings & Pick<Parts, 'model'>> = {}): Promise<Outcome[]> {
    const parts: Parts = {
      deliveries: this.#deliveries(hrefs),
      parse: ({ value }) => {
        if (value?.length === 0) throw new SceneError('message.malformed', 'empty');
        return { id: String(value), href: String(value), properties: {} };
      },
      reader: this.reader,
      model: more.model ?? this.model,
      draw: drawFirst,
      outcomes: { send: (outcome) => this.#send(outcome) },
      observe: this.observe,
      random: uniforms([1, 2]),
    };
    return lastValueFrom(classifyScenes(parts, { ...settings, ...more }).pipe(toArray()));
  }

  async *#deliveries(hrefs: readonly string[]): AsyncGenerator<Delivery> {
    for (const href of hrefs) {
      const message: Message = { key: null, value: Buffer.from(href), headers: {}, origin: href };
      yield { message, settle: (send) => this.#settle(href, send) };
    }
  }

  async #settle<T>(href: string, send: () => Promise<T>): Promise<T> {
    const sent = await send();
    this.log.push(`settle ${href}`);
    return sent;
  }

  async #send(outcome: Outcome): Promise<void> {
    const refused = this.refuse(outcome);
    if (refused !== undefined) throw refused;
    await new Promise((resolve) => setImmediate(resolve));
    this.log.push(`send ${outcome.message.origin}`);
    this.sent.push(outcome);
  }
}

function codes(outcomes: readonly Outcome[]): string[] {
  return outcomes
    .map(
      (o) =>
        `${o.message.origin} ${o.kind !== 'classified' ? `${o.failure.code} @${o.failure.stage}` : o.classification.class}`,
    )
    .sort();
}

describe('classifyScenes', () => {
  it('sends one outcome for each message, one bad scene among good harming none', async () => {
    const reader = new FakeReader({
      a: new FakeCog(),
      b: new FakeCog(),
      bad: new SceneError('cog.invalid', 'not a TIFF'),
    });
    const bench = new Bench(reader);
    const outcomes = await bench.run(['a', 'bad', '', 'missing', 'b']);
    expect(codes(outcomes)).toEqual([
      ' message.malformed @message',
      'a ship',
      'b ship',
      'bad cog.invalid @open',
      'missing source.missing @open',
    ]);
    expect(bench.sent).toHaveLength(5);
  });

  it('settles a message only after its outcome was sent', async () => {
    const bench = new Bench(new FakeReader({ a: new FakeCog() }));
    await bench.run(['a', ''], { lanes: 1 });
    expect(bench.log).toEqual(['send a', 'settle a', 'send ', 'settle ']);
  });

  it('concludes with class, evidence, place, share and cost', async () => {
    const cog = new FakeCog();
    const [outcome] = await new Bench(new FakeReader({ a: cog })).run(['a']);
    if (outcome?.kind !== 'classified') throw new Error('was not classified');
    expect(outcome.classification).toMatchObject({
      class: 'ship',
      confidence: 'nominal',
      probabilities: { none: 0.25, ship: 0.75 },
      evidence: [
        { level: 0, x: 0, y: 0, width: 32, height: 32, attention: 1 / 16, pull: 0 },
        { level: 0, x: 32, y: 32, width: 32, height: 32, attention: 1 / 16, pull: 0.1 },
      ],
      place: [0.048, -0.048],
      read: { tiles: 3, share: 2 / 16 },
      draw: { estimator: 'systematic', patches: 2, seed: 3 },
      source: { etag: '"1"', lastModified: null, bytes: 1000 },
      model: { name: 'fake', version: '1' },
      backend: 'wasm',
    });
    expect(cog.reads.map((read) => read.level)).toEqual([1, 0]);
  });

  it('shows the model the first bands and an overview of the right size', async () => {
    const bench = new Bench(new FakeReader({ a: new FakeCog([level(1000, 600, 1), level(500, 300, 2)], 4) }));
    await bench.run(['a']);
    expect(bench.model.seen.overview).toMatchObject({ width: 63, height: 38, bands: 3 });
    expect([...(bench.model.seen.patches?.[0]?.data.slice(0, 6) ?? [])]).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('reads a scene without overviews whole, and says so', async () => {
    const [outcome] = await new Bench(new FakeReader({ a: new FakeCog([level(512, 512, 1)]) })).run(['a']);
    expect(outcome).toMatchObject({ kind: 'classified', classification: { read: { share: 1 } } });
  });

  it('refuses a scene with too few bands or without an overview of use, with the numbers', async () => {
    const bench = new Bench(
      new FakeReader({ grey: new FakeCog([level(512, 512, 1)], 1), huge: new FakeCog([level(9000, 9000, 1)]) }),
    );
    const reasons = (await bench.run(['grey', 'huge'])).map((o) => (o.kind === 'failed' ? o.failure : undefined));
    expect(reasons).toContainEqual(
      expect.objectContaining({
        code: 'scene.unsuitable',
        reason: 'the model needs the bands red, green, blue; the scene has one without a name',
      }),
    );
    expect(reasons).toContainEqual(
      expect.objectContaining({ reason: expect.stringContaining('9000 × 9000 pixels of 3 bands, 243000000 bytes') }),
    );
  });

  it('refuses a scene that has no place to look at, or no numbers', async () => {
    class Blank extends FakeModel {
      override async attend() {
        return { values: new Float32Array(16), width: 4, height: 4 };
      }
    }
    class Lost extends FakeModel {
      override async look() {
        return { probabilities: [Number.NaN, Number.NaN], standardError: Number.NaN, pulls: [0, 0] };
      }
    }
    for (const model of [new Blank(), new Lost()]) {
      const outcomes = await new Bench(new FakeReader({ a: new FakeCog() })).run(['a'], { model });
      expect(codes(outcomes)).toEqual([expect.stringContaining('a scene.unsuitable')]);
    }
  });

  it('tries again from the opening what may pass, and says how often it tried', async () => {
    const unreachable = new SceneError('source.unreachable', 'refused');
    const bench = new Bench(new FakeReader({ a: [unreachable, unreachable, new FakeCog()], b: unreachable }));
    const retried: string[] = [];
    bench.observe = { ...silent, retrying: (...facts) => retried.push(facts.join(' ')) };
    const outcomes = await bench.run(['a', 'b']);
    expect(codes(outcomes)).toEqual(['a ship', 'b source.unreachable @open']);
    expect(retried).toEqual(Array.from({ length: 4 }, () => 'source.unreachable refused open'));
    expect(bench.reader.opened.filter((href) => href === 'b')).toHaveLength(3);
    expect(outcomes.find((o) => o.kind === 'failed')).toMatchObject({ failure: { attempts: 3 } });
  });

  it('bounds the time of each stage', async () => {
    class Stuck extends FakeModel {
      override look() {
        return new Promise<never>(() => {});
      }
    }
    const bench = new Bench(new FakeReader({ a: new FakeCog() }));
    const outcomes = await bench.run(['a'], { model: new Stuck(), deadlineSeconds: { ...seconds, look: 0.02 } });
    expect(outcomes[0]).toMatchObject({
      failure: { code: 'budget.exceeded', reason: 'look took longer than 0.02 s', stage: 'look' },
    });
  });

  it('bounds the time of a scene, all tries together, and stops the one that is under way', async () => {
    const stopped: boolean[] = [];
    class Slow extends FakeReader {
      override async open(href: string, signal: AbortSignal): Promise<never> {
        await super.open(href, signal).catch(() => {});
        await once(signal, 'abort');
        stopped.push(signal.aborted);
        throw new SceneError('source.unreachable', 'aborted');
      }
    }
    const bench = new Bench(new Slow({}));
    const late = { deadlineSeconds: { ...seconds, open: 0.02 }, budget: { seconds: 0.05 } };
    const [outcome] = await bench.run(['a'], { ...late, retry: { ...settings.retry, attempts: 100 } });
    expect(outcome).toMatchObject({
      failure: { code: 'budget.exceeded', reason: 'the scene took longer than 0.05 s', stage: 'open' },
    });
    expect(stopped).toHaveLength(bench.reader.opened.length);
  });

  it('counts an error of unknown origin as a bug, and goes on', async () => {
    const bugs: unknown[] = [];
    const bench = new Bench(new FakeReader({ a: new TypeError('x is not a function'), b: new FakeCog() }));
    bench.observe = { ...silent, bug: (error) => bugs.push(error) };
    expect(codes(await bench.run(['a', 'b']))).toEqual(['a internal @open', 'b ship']);
    expect(bugs).toHaveLength(1);
  });

  it('sends a failure in place of an event that the output refuses', async () => {
    const bench = new Bench(new FakeReader({ a: new FakeCog() }));
    bench.refuse = (o) => (o.kind === 'classified' ? new SceneError('output.rejected', 'too large') : undefined);
    expect(codes(await bench.run(['a']))).toEqual(['a output.rejected @output']);
    expect(bench.log).toEqual(['send a', 'settle a']);
  });

  it('ends with the error, and settles nothing, when an outcome cannot be sent', async () => {
    const bench = new Bench(new FakeReader({ a: new FakeCog() }));
    bench.refuse = () => new Error('broker down');
    await expect(bench.run(['a', 'a', 'a'])).rejects.toThrow('broker down');
    expect(bench.log).toEqual([]);
  });
});
