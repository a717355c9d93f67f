import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { houseViolations } from './setup/house-rules.ts';

describe('houseViolations', () => {
  it('finds none in src', () => {
    const paths = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    const files = paths.map((path) => [`src/${path}`, readFileSync(`src/${path}`, 'utf8')] as const);
    expect(files.length).toBeGreaterThan(50);
    expect(houseViolations(new Map(files))).toEqual([]);
  });

  it.each([
    ['src/scene.ts', "import { draw } from './model/draw.ts';", 'root may not know model'],
    ['src/scene.ts', "import { x } from './main.ts';", 'root may not know main'],
    ['src/sources/cog.ts', "import type { Model } from '../model/model.ts';", 'sources may not know model'],
    ['src/model/draw.ts', "export * from '../sinks/metrics.ts';", 'model may not know sinks'],
    ['src/sinks/event.ts', "export type { Cog } from '../sources/cog.ts';", 'sinks may not know sources'],
    ['src/sinks/event.ts', "type C = import('../sources/cog.ts').Cog;", 'sinks may not know sources'],
    ['src/sinks/event.ts', "import { run } from '../pipeline/run.ts';", 'sinks may not know pipeline'],
    ['src/pipeline/look.ts', "import { draw } from '../model/draw.ts';", 'by its types only'],
    ['src/pipeline/look.ts', "import { type Draw } from '../model/draw.ts';", 'by its types only'],
    ['src/pipeline/look.ts', "const m = await import('../model/draw.ts');", 'by its types only'],
    ['src/pipeline/look.ts', "import type { Trainer } from '../training/trainer.ts';", 'may not know training'],
    ['src/training/deep/er/fit.ts', "import { lanes } from '../../../pipeline/lanes.ts';", 'may not know pipeline'],
    ['src/training/fit.ts', "import type { Metrics } from '../sinks/metrics.ts';", 'may not know sinks'],
    ['src/training/fit.ts', "import { c } from '../commands/train.ts';", 'may not know commands'],
    ['src/commands/run.ts', "import { of } from 'rxjs';", 'its home is'],
    ['src/pipeline/look.ts', "import type { Tensor } from '@tensorflow/tfjs-core';", 'its home is'],
    ['src/commands/run.ts', "require('@tensorflow/tfjs-node-gpu');", 'its home is'],
    ['src/training/data.ts', "import { fromFile } from 'geotiff';", 'its home is'],
    ['src/sources/jsonl.ts', "import { Kafka } from 'kafkajs';", 'its home is'],
    ['src/pipeline/look.ts', "import { Counter } from 'prom-client';", 'its home is'],
    ['src/config.ts', 'const a = process.env.HOME;', 'reads process.env'],
    ['src/config.ts', 'const a = globalThis.process.env;', 'reads process.env'],
    ['src/config.ts', "const a = process['env'];", 'reads process.env'],
    ['src/config.ts', 'const { env } = process;', 'reads process.env'],
    ['src/config.ts', "import { env } from 'node:process';", 'reads process.env'],
    ['src/pipeline/look.ts', 'const o = new Observable(() => {});', 'makes a new Observable'],
    ['src/random.ts', 'export default function random() {}', 'has a default export'],
    ['src/random.ts', 'const a = 1; export { a as default };', 'has a default export'],
  ])('catches in %s: %s', (path, text, reason) => {
    const found = houseViolations(new Map([[path, text]]));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(path);
    expect(found[0]).toContain(reason);
  });

  it('catches a ring of imports, but lets types go round', () => {
    const ring = (kind: string) =>
      new Map([
        ['src/model/a.ts', "import { b } from './b.ts';"],
        ['src/model/b.ts', "export { c } from './c.ts';"],
        ['src/model/c.ts', `import ${kind} { a } from './a.ts';`],
      ]);
    expect(houseViolations(ring(''))).toEqual([
      'src/model/a.ts → src/model/b.ts → src/model/c.ts → src/model/a.ts: a ring of imports',
    ]);
    expect(houseViolations(ring('type'))).toEqual([]);
  });

  it('lets everybody do what the table allows', () => {
    const files = new Map([
      ['src/main.ts', "import { addRun } from './commands/run.ts'; addRun(process.env);"],
      ['src/commands/run.ts', "import { draw } from '../model/draw.ts'; import { c } from '../sources/cog.ts';"],
      ['src/pipeline/rx.ts', "import type { Cog } from '../sources/cog.ts'; new Observable(() => {});"],
      ['src/pipeline/look.ts', "import { map } from 'rxjs'; import { pull } from './rx.ts';"],
      ['src/training/fit.ts', "import { draw } from '../model/draw.ts'; import * as tf from '@tensorflow/tfjs-core';"],
      ['src/sinks/kafka-outcomes.ts', "import { Kafka } from 'kafkajs'; import { SceneError } from '../errors.ts';"],
      ['src/model/draw.ts', "// import '../sinks/metrics.ts'\nconst text = \"import 'rxjs'\";"],
    ]);
    expect(houseViolations(files)).toEqual([]);
  });
});
