import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addTrain } from '../../src/commands/train.ts';

describe('saccade train', () => {
  it('refuses a folder for what is kept where nothing is', async () => {
    const program = new Command();
    const { stdin, stdout, stderr } = process;
    addTrain(program, { environment: {}, stdin, stdout, stderr, signal: new AbortController().signal });
    const args = ['train', 'nowhere.yaml', '--out', 'model', '--networks', 'last.checkpoint.json', '--run', 'run'];
    await expect(program.parseAsync(args, { from: 'user' })).rejects.toMatchObject({
      mistakes: [expect.stringMatching(/^--run does not go with --networks/)],
    });
  });
});
