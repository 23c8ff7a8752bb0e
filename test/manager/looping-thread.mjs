/** Answers the first question, and never comes back from the second. */
import { parentPort } from 'node:worker_threads';

parentPort.postMessage('ready');
let count = 0;
parentPort.on('message', () => {
  parentPort.postMessage(++count);
  while (count > 1);
  parentPort.postMessage('answered');
});
