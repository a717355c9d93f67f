import { expect, it } from 'vitest';
import { version } from '../../src/version.ts';
import { spawnSaccade } from '../setup/spawn-saccade.ts';

it('saccade --version prints its version alone', async () => {
  const saccade = spawnSaccade(['--version'], {});
  expect([await saccade.ended(), saccade.stdout(), saccade.stderr()]).toEqual([0, `${version}\n`, '']);
});
