/** HiGHS, but for runs that are told to fail: stands in for the package `highs`. */
export interface FailingSolver {
  /** Runs since it was last set to 0. */
  runs: number;
  /** The first run that fails, from 1. */
  failsAt: number;
  /** Those after it fail too. */
  forever: boolean;
  /** They trap, after which a module is of no more use. */
  traps: boolean;
  /** A run is under way. */
  isRunning: boolean;
}

export const solver: FailingSolver = { runs: 0, failsAt: Infinity, forever: false, traps: false, isRunning: false };

export function calm(): void {
  Object.assign(solver, { runs: 0, failsAt: Infinity, forever: false, traps: false, isRunning: false });
}

interface Package {
  readonly default: (options: object) => Promise<object>;
}

/** In place of the module of the package. */
export function failing({ default: load }: Package): Package {
  return { default: async (options) => failingRuntime(await load(options)) };
}

function failingRuntime(runtime: object): object {
  return overriding(runtime, {
    withModel: (data: unknown, work: (model: object) => unknown) =>
      (runtime as { withModel: typeof Function.prototype }).withModel(data, (model: object) =>
        work(failingModel(model)),
      ),
  });
}

function failingModel(model: object): object {
  return overriding(model, {
    run(callbacks: unknown) {
      solver.runs++;
      const fails = solver.forever ? solver.runs >= solver.failsAt : solver.runs === solver.failsAt;
      if (!fails) return running(() => (model as { run(callbacks: unknown): unknown }).run(callbacks));
      throw solver.traps ? new WebAssembly.RuntimeError('unreachable') : new Error('a failure that was ordered');
    },
  });
}

function running<T>(run: () => T): T {
  solver.isRunning = true;
  try {
    return run();
  } finally {
    solver.isRunning = false;
  }
}

function overriding(target: object, own: Record<string, unknown>): object {
  return new Proxy(target, {
    get(whole, key) {
      if (typeof key === 'string' && key in own) return own[key];
      const value = Reflect.get(whole, key, whole) as unknown;
      return typeof value === 'function' && typeof key === 'string' && !/^[A-Z]/.test(key) ? value.bind(whole) : value;
    },
  });
}
