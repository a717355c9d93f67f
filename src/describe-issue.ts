import type { z } from 'zod';

/** A mistake that a schema found, in a line: where it is, unless it is in the whole, and what it is. */
export function describeIssue({ path, message }: Pick<z.core.$ZodIssue, 'path' | 'message'>): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
