import { workerData } from 'node:worker_threads';
import { begun } from '../../model/gate.ts';

/** A thread that writes scenes. All that it needs is loaded by now: it may be ended from here on. */
export { writeScene } from './write-scene.ts';

begun(workerData);
