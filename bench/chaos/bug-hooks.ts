import type { LoadHook } from 'node:module';

/** Has Node load the stage that attends with a bug in it. */
export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  if (!url.endsWith('/dist/pipeline/attend.js')) return loaded;
  return { ...loaded, source: withBug(String(loaded.source)) };
};

/**
 * A scene named `bug.tif` meets an undefined model, as an error of ours that nobody foresaw would.
 * @param source of the stage, compiled
 */
export function withBug(source: string): string {
  const place = 'model.attend(';
  if (!source.includes(place)) throw new Error('there is no place to plant the bug in');
  return source.replace(place, `(scene.href.endsWith('/bug.tif') ? undefined : model).attend(`);
}
