import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the set-up scripts put what they bring. */
export const cache =
  process.env['SACCADE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'saccade');

/** The jars that `ops/setup/kafka.sh` fetches; the folder appears only when it is whole. */
export const kafkaJars = join(cache, 'kafka-4.4.0');
