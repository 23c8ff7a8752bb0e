/** Packets that every router on the way looks up again. */
import { InnerRouters } from './inner-routers.ts';
import type { Routing } from './routing.ts';

/** Relative difference up to which sums of metrics are equal. */
const METRIC_TOLERANCE = 1e-9;

export class HopByHop {
  readonly #routing: Routing;
  readonly #inner: InnerRouters;
  readonly #between = new Map<number, readonly number[]>();

  constructor(routing: Routing) {
    this.#routing = routing;
    this.#inner = new InnerRouters(routing);
  }

  /** After routes have changed. */
  reset(): void {
    this.#inner.reset();
  }

  /** The first router between two that sends traffic for k to yet another, or -1; inner routers count on from the last router. */
  deflectedAt(k: number, from: number, to: number): number {
    const { speakers, routes, best } = this.#routing;
    const n = speakers.network.model.routers.length;
    for (const router of this.#routersBetween(from, to)) {
      if (router >= n) {
        if (!this.#inner.sendsOn(k, router - n, to)) return router;
        continue;
      }
      const route = best[k * n + router];
      if (route < 0 || routes.router[route] !== to) return router;
    }
    return -1;
  }

  /** Routers on any shortest path, inner ones behind the others. */
  #routersBetween(from: number, to: number): readonly number[] {
    const { routers, routerDistance, innerRouters } = this.#routing.speakers.network.model;
    const n = routers.length;
    const known = this.#between.get(from * n + to);
    if (known !== undefined) return known;
    const longest = routerDistance[from * n + to] * (1 + METRIC_TOLERANCE);
    const between: number[] = [];
    for (let r = 0; r < n; r++) {
      const sum = routerDistance[from * n + r] + routerDistance[r * n + to];
      if (r !== from && r !== to && sum <= longest) between.push(r);
    }
    const { ids, fromRouter, toRouter } = innerRouters;
    for (let i = 0; i < ids.length; i++) {
      if (from !== to && fromRouter[from * ids.length + i] + toRouter[i * n + to] <= longest) between.push(n + i);
    }
    this.#between.set(from * n + to, between);
    return between;
  }
}
