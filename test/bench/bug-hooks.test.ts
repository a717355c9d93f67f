import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { withBug } from '../../bench/chaos/bug-hooks.ts';

/** The compiled stage: what members of the chaos table load. */
async function planted() {
  const source = await readFile('dist/pipeline/attend.js', 'utf8');
  const module: unknown = await import(`data:text/javascript,${encodeURIComponent(withBug(source))}`);
  return module as { attend(model: object): (scene: object) => Promise<object> }; // as the stage has it
}

describe('the bug that chaos plants', () => {
  it('is met by the scene that it is meant for, and by no other', async () => {
    const { attend } = await planted();
    const stage = attend({ attend: async () => 'attention' });
    const met = (name: string) => stage({ scene: { href: `http://store/${name}` } });
    await expect(met('scene-00000.tif')).resolves.toMatchObject({ attention: 'attention' });
    await expect(met('bug.tif')).rejects.toThrow(TypeError);
  });

  it('says so where the stage has changed', () => {
    expect(() => withBug('export function attend() {}')).toThrow('no place to plant the bug in');
  });
});
