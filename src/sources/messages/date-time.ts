import { z } from 'zod';

const iso = z.iso.datetime({ offset: true });

/** A time as RFC 3339 has it, whose T and Z may be small letters (section 5.6). */
export const dateTime = z.string().refine((text) => iso.safeParse(text.toUpperCase()).success, 'Invalid ISO datetime');
