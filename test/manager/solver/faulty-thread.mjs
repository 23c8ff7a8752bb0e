/** Speaks as the thread of the solver does; what it does with a question, the name of its first prefix says. */
import { parentPort } from 'node:worker_threads';

parentPort.postMessage('ready');
parentPort.on('message', ({ request, limitMs }) => {
  const { prefix } = request.prefixes[0];
  if (prefix === 'throws') throw new Error('as asked');
  if (prefix === 'exits') process.exit(1);
  while (prefix === 'endless');
  parentPort.postMessage({ fits: true, moves: [{ prefix, to: String(limitMs > 0) }] });
  parentPort.postMessage('answered');
});
