/** Loads as the thread of the solver does, and never comes back from a question. */
import { parentPort } from 'node:worker_threads';

parentPort.postMessage('ready');
parentPort.on('message', () => {
  for (;;);
});
