/**
 * Loaded into a member before it starts (`--import`), it plants a bug in a stage: a scene named `bug.tif` meets an
 * undefined model, as an error of ours that nobody foresaw would. The product itself has no such switch.
 */
import { register } from 'node:module';

const hooks = `
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.endsWith('/dist/pipeline/attend.js')) return loaded;
  const source = String(loaded.source);
  const found = 'model.attend(';
  if (!source.includes(found)) throw new Error('there is no place to plant the bug in');
  const planted = "(scene.scene.href.endsWith('/bug.tif') ? undefined : model).attend(";
  return { ...loaded, source: source.replace(found, planted) };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
