/** The worker of the service, whose ejection search stands still for ever from one of the calls for its first task on. */
import type { Answer, Task } from '../../../src/service/task.ts';

const STALLED_CALL = 12;

let callsLeft = Number.POSITIVE_INFINITY;

class StallingInstance extends WebAssembly.Instance {
  constructor(...[module, imports]: ConstructorParameters<typeof WebAssembly.Instance>) {
    super(module, imports);
    const kernels = { ...this.exports } as Record<string, (frame: number) => number>;
    const { ejection } = kernels;
    kernels.ejection = (frame) => (--callsLeft > 0 ? ejection(frame) : standStill());
    Object.defineProperty(this, 'exports', { value: kernels });
  }
}
Object.assign(WebAssembly, { Instance: StallingInstance });

function standStill(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

/** A promise, as that of the worker itself: Piscina waits for it, but not for an import that is under way. */
export default load();

async function load(): Promise<(task: Task) => Promise<Answer>> {
  const run = await import('../../../src/service/worker.ts').then(({ default: loading }) => loading);
  return (task) => {
    callsLeft = STALLED_CALL;
    return run(task);
  };
}
