import { InvalidArgumentError } from 'commander';

/** Reads an option that names a file or a folder. An empty one, which a shell's unset variable gives, does not pass for none. */
export function givenPath(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It must name a file or a folder.');
}
