import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/** What one line of a labels file says, still unchecked, and the line's number for people. */
export type LabelLine = { readonly number: number; readonly value: unknown };

/**
 * Reads `labels.jsonl`, one JSON object a line, or `labels.csv`, whose header names the columns; of those `file` and
 * `label` are needed, `id`, `split` and `fold` are known, and others passed over.
 * @returns undefined when there is no such file
 * @throws {UsageError} when it cannot be read, or has no header with the columns that are needed
 */
export async function readLabelLines(path: string): Promise<LabelLine[] | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const lines = text
    .replace(/^\uFEFF/, '') // spreadsheets begin their files so
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '');
  return path.endsWith('.csv') ? fromCsv(path, lines) : lines.map(fromJson);
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new UsageError([`${path} cannot be read: ${error instanceof Error ? error.message : error}`]);
  }
}

type Line = { readonly number: number; readonly text: string };

function fromJson({ number, text }: Line): LabelLine {
  try {
    return { number, value: JSON.parse(text) };
  } catch {
    return { number, value: text };
  }
}

function fromCsv(path: string, [header, ...rows]: readonly Line[]): LabelLine[] {
  if (header === undefined) return [];
  const columns = fieldsOf(header.text);
  const missing = ['file', 'label'].filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new UsageError([
      `${path}, line ${header.number}: no column is called ${missing.join(' or ')}; they are: ${columns.join(', ')}`,
    ]);
  return rows.map(({ number, text }) => {
    const fields = fieldsOf(text);
    const named = columns.flatMap((name, i) => (fields[i] ? [[name, fields[i]] as const] : []));
    const { label, ...rest } = Object.fromEntries(named);
    return { number, value: label === undefined ? rest : { ...rest, class: label } };
  });
}

/** RFC 4180, but for line breaks within fields. */
function fieldsOf(line: string): string[] {
  // Each begins with a comma, the first one too: where that is empty, an empty match would leave out what follows.
  const fields = `,${line}`.matchAll(/,\s*(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return Array.from(fields, ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim());
}
