/** What a process that solves tells of its threads and jobs, in the text format of Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Admission } from '../admission/admission.ts';
import type { LiveCounts } from '../jobs/job-store.ts';
import type { EndedRun, SolverPool } from '../pool.ts';

/** Bounds of buckets. */
export const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];
const GAPS = [0, 1e-9, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.5];

export class SolverMetrics {
  protected readonly registry = new Registry();
  readonly #jobs: Counter;
  readonly #waits: Histogram;
  readonly #runs: Histogram;
  readonly #steps: Counter;
  readonly #phases: Counter;
  readonly #parts: Counter;
  readonly #plans: Counter;
  readonly #gaps: Histogram;

  /** Listens to the pool from now on. */
  constructor(pool: SolverPool, admission: Admission) {
    const registers = [this.registry];
    const seconds = { buckets: SECONDS, registers };
    collectDefaultMetrics({ register: this.registry });
    this.#jobs = new Counter({
      name: 'egresso_job_changes_total',
      help: 'Jobs that came into a state.',
      labelNames: ['operation', 'state'],
      registers,
    });
    this.#waits = new Histogram({
      name: 'egresso_queue_wait_seconds',
      help: 'Time that a run waited for a thread.',
      labelNames: ['operation'],
      ...seconds,
    });
    this.#runs = new Histogram({
      name: 'egresso_run_duration_seconds',
      help: 'Time that a run had a thread.',
      labelNames: ['operation', 'outcome'],
      ...seconds,
    });
    this.#steps = new Counter({
      name: 'egresso_step_seconds_total',
      help: 'Time of the steps of runs: decode, run, encode.',
      labelNames: ['operation', 'step'],
      registers,
    });
    this.#phases = new Counter({
      name: 'egresso_phase_seconds_total',
      help: 'Time of the phases of the optimizer.',
      labelNames: ['phase'],
      registers,
    });
    this.#parts = new Counter({
      name: 'egresso_solver_seconds_total',
      help: 'Time in WebAssembly kernels and in HiGHS.',
      labelNames: ['part'],
      registers,
    });
    this.#plans = new Counter({
      name: 'egresso_plans_total',
      help: 'Plans that were made, by status and by what ended the run.',
      labelNames: ['status', 'stopped'],
      registers,
    });
    this.#gaps = new Histogram({
      name: 'egresso_plan_gap',
      help: '(objective - lower bound) / objective of plans that fit.',
      buckets: GAPS,
      registers,
    });
    this.#watch(pool, admission);
    pool.onEnd((ended) => this.#ended(ended));
  }

  /** Media type of the text. */
  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  jobChanged(operation: string, state: string, count = 1): void {
    this.#jobs.inc({ operation, state }, count);
  }

  /** @param counts of jobs, those of all processes together; null where they cannot be told now. */
  watchJobs(counts: () => Promise<LiveCounts | null>): void {
    new Gauge({
      name: 'egresso_jobs',
      help: 'Jobs that wait, and that run.',
      labelNames: ['state'],
      registers: [this.registry],
      async collect() {
        this.reset();
        const told = await counts().catch(() => null);
        for (const [state, count] of Object.entries(told ?? {})) this.set({ state }, count);
      },
    });
  }

  #watch(pool: SolverPool, admission: Admission): void {
    const gauge = (name: string, help: string, value: () => number): void => {
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(value());
        },
      });
    };
    gauge('egresso_queue_length', 'Runs that wait for a thread.', () => pool.load.waiting);
    gauge('egresso_runs_in_flight', 'Runs that have a thread.', () => pool.load.running);
    gauge('egresso_threads', 'Worker threads that may run at one time.', () => pool.threads);
    gauge('egresso_threads_loaded', 'Worker threads that are loaded, the spare one too.', () => pool.loadedThreads);
    gauge('egresso_admitted_bytes', 'Estimated memory of what is admitted or arriving.', () => admission.memoryBytes);
    gauge('egresso_admission_limit_bytes', 'Memory that may be admitted.', () => admission.limitBytes);
    new Gauge({
      name: 'egresso_thread_memory_bytes',
      help: 'Heap, array buffers and WebAssembly memory of each worker thread, the oldest first.',
      labelNames: ['thread'],
      registers: [this.registry],
      async collect() {
        // Of threads that are gone nothing is told.
        this.reset();
        const memory = await pool.threadMemory();
        memory.forEach((bytes, thread) => {
          this.set({ thread }, bytes);
        });
      },
    });
  }

  #ended({ request: { operation }, answer, waitedMs, ranMs }: EndedRun): void {
    this.#waits.observe({ operation }, waitedMs / 1000);
    this.#runs.observe({ operation, outcome: answer.ok ? 'done' : answer.code }, ranMs / 1000);
    if (!answer.ok) return;
    for (const [step, ms] of Object.entries(answer.timing)) this.#steps.inc({ operation, step }, ms / 1000);
    const { kernelsMs = 0, highsMs = 0, phaseMs = {} } = answer.measures ?? {};
    this.#parts.inc({ part: 'kernels' }, kernelsMs / 1000);
    this.#parts.inc({ part: 'highs' }, highsMs / 1000);
    for (const [phase, ms] of Object.entries(phaseMs)) this.#phases.inc({ phase }, ms / 1000);
    if (answer.summary === undefined) return;
    const { status, stopped, gap } = answer.summary;
    this.#plans.inc({ status, stopped });
    if (gap !== null) this.#gaps.observe(gap);
  }
}
