/** What the service tells besides: requests, and what was refused. */
import { Counter, Histogram } from 'prom-client';
import type { Admission } from '../admission/admission.ts';
import type { SolverPool } from '../pool.ts';
import { SECONDS, SolverMetrics } from './solver-metrics.ts';

export class ServiceMetrics extends SolverMetrics {
  readonly #requests: Histogram;
  /** Of each method, route and status: to look a set of labels up takes longer than to observe. */
  readonly #observers = new Map<string, Histogram.Internal<string>>();
  readonly #rejects: Counter;

  constructor(pool: SolverPool, admission: Admission) {
    super(pool, admission);
    const registers = [this.registry];
    this.#requests = new Histogram({
      name: 'egresso_http_request_duration_seconds',
      help: 'Requests, from their head to the last byte of the answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.#rejects = new Counter({
      name: 'egresso_rejects_total',
      help: 'Problem documents that were answered, by code.',
      labelNames: ['code'],
      registers,
    });
  }

  /** @param route as it was declared, never as it was asked for: the labels stay few. */
  answered(method: string, route: string, status: number, milliseconds: number): void {
    const key = `${method} ${route} ${status}`;
    let observer = this.#observers.get(key);
    if (observer === undefined) {
      observer = this.#requests.labels({ method, route, status });
      this.#observers.set(key, observer);
    }
    observer.observe(milliseconds / 1000);
  }

  rejected(code: string): void {
    this.#rejects.inc({ code });
  }
}
