/** Writes the settings table, generated from the schema, between its markers in the README (`npm run settings`). */
import { readFileSync, writeFileSync } from 'node:fs';
import { settingsMarkdown } from '../dist/settings-table.js';

const readme = new URL('../README.md', import.meta.url);
const text = readFileSync(readme, 'utf8');
const [before, , after] = text.split(/(?<=<!-- settings -->\n)|(?=<!-- \/settings -->)/);
writeFileSync(readme, `${before}${settingsMarkdown()}${after}`);
