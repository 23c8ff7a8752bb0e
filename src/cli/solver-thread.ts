/** The thread that works while the command shows progress and waits for an interrupt; one task at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { EgressoError } from '../errors.ts';
import { importNetwork } from '../formats/import-network.ts';
import { assign } from '../gap.ts';
import { buildModel } from '../model/build-model.ts';
import type { NetworkModel } from '../model/network-model.ts';
import { summarize } from '../model/validate-model.ts';
import type { RunControl } from '../optimizer/run/run-control.ts';
import { solveModel } from '../solve.ts';
import { asEgressoError } from './fault-report.ts';
import { decodeModel } from './model-file.ts';
import type { Reply, Task, ThreadData } from './solver-task.ts';

const PROGRESS_INTERVAL_MS = 100;

const { cancel } = workerData as ThreadData;
let model: NetworkModel | undefined;

parentPort?.on('message', async (task: Task) => {
  try {
    reply({ kind: 'result', result: await perform(task) });
  } catch (error) {
    const { code, message, errors, errorCount, stack } = asEgressoError(error);
    reply({ kind: 'fault', fault: { code, message, errors, errorCount, stack } });
  }
});

async function perform(task: Task): Promise<unknown> {
  switch (task.kind) {
    case 'decode':
      model = buildModel(decodeModel(task.model));
      return summarize(model);
    case 'import': {
      const { payload, reports } = await importNetwork(task.options);
      model = buildModel(payload);
      return { summary: summarize(model), reports };
    }
    case 'solve':
      if (model === undefined) throw new EgressoError('INTERNAL', 'a solve was asked for before there was a model');
      return solveModel(model, task.options, controlFor(task.options.timeLimitMs));
    case 'assign':
      return assign(task.instance, controlFor(task.options.timeLimitMs));
  }
}

function controlFor(timeLimitMs: number): RunControl {
  const end = performance.now() + timeLimitMs;
  let nextReport = 0;
  return {
    remainingMs: () => end - performance.now(),
    cancelled: () => Atomics.load(cancel, 0) === 1,
    report(progress) {
      const now = performance.now();
      if (now < nextReport) return;
      nextReport = now + PROGRESS_INTERVAL_MS;
      reply({ kind: 'progress', progress });
    },
  };
}

function reply(message: Reply): void {
  parentPort?.postMessage(message);
}
