/**
 * Loaded into a member before it starts (`--import`), it plants a bug in a stage (`bug-hooks.ts`). The product itself has
 * no such switch.
 */
import { register } from 'node:module';

register('./bug-hooks.js', import.meta.url);
