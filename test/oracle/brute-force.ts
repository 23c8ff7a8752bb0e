/**
 * The rules of a plan and its best value by trying everything: written from the rules alone, on the payload.
 *
 * Imports nothing of the optimizer, the problem, the check or the modeler. For tiny models only.
 */
import type { ModelPayload } from './random-model.ts';

export interface Terms {
  readonly variant: 'ses' | 'mes';
  readonly threshold: number;
  readonly changeCost: number;
}

export interface Placement {
  readonly ingress: string;
  readonly egress: string;
}

/** What the rules say of a placement of every traffic row, in the order of the payload. */
export interface Verdict {
  /** Rules broken, capacity aside. */
  readonly broken: ReadonlySet<string>;
  readonly cost: number;
  readonly changeCost: number;
  readonly overload: number;
}

export interface Optimum {
  /** Least cost + change cost of any plan that fits; null where none does. */
  readonly objective: number | null;
  /** Least total overload of any plan, 0 where one fits; Infinity where the rules allow no plan at all. */
  readonly overload: number;
}

const TOLERANCE = 1e-9;

export class BruteForce {
  readonly points: string[];
  private readonly payload: ModelPayload;
  private readonly terms: Terms;
  private readonly at: Map<string, { router: string; address: string | null; in: number; out: number; price: number }>;
  private readonly metric = new Map<string, number>();

  constructor(payload: ModelPayload, terms: Terms) {
    this.payload = payload;
    this.terms = terms;
    const split = new Set(payload.interfaces.map(({ router }) => router));
    const addressOf = new Map(payload.routers.map(({ id, address }) => [id, address ?? null]));
    const own = payload.routers.filter(({ id }) => !split.has(id)).map((one) => ({ ...one, router: one.id }));
    this.at = new Map(
      [...own, ...payload.interfaces].map((one) => [
        one.id,
        {
          router: one.router,
          address: addressOf.get(one.router) ?? null,
          in: (one.ingressCapacity ?? Infinity) * terms.threshold,
          out: (one.egressCapacity ?? Infinity) * terms.threshold,
          price: one.price ?? 0,
        },
      ]),
    );
    this.points = [...this.at.keys()];
    for (const { from, to, distance, directed } of payload.distances) {
      this.metric.set(`${from} ${to}`, distance);
      if (directed !== true) this.metric.set(`${to} ${from}`, distance);
    }
  }

  distance(i: string, j: string): number {
    const [from, to] = [this.at.get(i)!.router, this.at.get(j)!.router];
    return from === to ? 0 : (this.metric.get(`${from} ${to}`) ?? Infinity);
  }

  /** Out(k) with penalties: as given, else where it was advertised. */
  egressOf(prefix: string): Map<string, number> {
    const { egress } = this.payload.prefixes.find(({ id }) => id === prefix)!;
    if (egress !== undefined) return new Map(egress.map(({ at, penalty }) => [at, penalty]));
    return new Map(this.payload.advertisements.filter((one) => one.prefix === prefix).map(({ at }) => [at, 0]));
  }

  ingressOf(neighbor: string): readonly string[] {
    return this.payload.neighbors.find(({ id }) => id === neighbor)!.ingress;
  }

  /** Some route of the prefix at the point is one that the neighbor may be given; no traffic, no refusal. */
  isEligible(neighbor: string, prefix: string, volume: number, point: string): boolean {
    const routes = this.payload.advertisements.filter((one) => one.prefix === prefix && one.at === point);
    if (routes.length === 0 || volume === 0) return true;
    const { asn, relation } = this.payload.neighbors.find(({ id }) => id === neighbor)!;
    return routes.some(({ at, peerAsn, asPath }) => {
      const bySession = this.payload.sessions.filter((one) => one.at === at && one.peerAsn === peerAsn);
      const byNeighbor = this.payload.neighbors.filter((one) => one.asn === peerAsn);
      const learnedFrom = (bySession.length > 0 ? bySession : byNeighbor).map((one) => one.relation);
      const isUpstream = learnedFrom.some((one) => one === 'peer' || one === 'provider');
      const isLoop = asPath.some((hop) => hop === asn);
      return !isLoop && !(isUpstream && (relation === 'peer' || relation === 'provider'));
    });
  }

  /** Is a the egress that i prefers to b? Own router, metric, BGP identifier as a number (none last), router, point. */
  isCloser(i: string, a: string, b: string): boolean {
    const own = this.at.get(i)!.router;
    const [left, right] = [this.at.get(a)!, this.at.get(b)!];
    if ((left.router === own) !== (right.router === own)) return left.router === own;
    if (this.distance(i, a) !== this.distance(i, b)) return this.distance(i, a) < this.distance(i, b);
    const number = (address: string | null) =>
      address === null ? Infinity : address.split('.').reduce((value, byte) => value * 256 + Number(byte), 0);
    if (number(left.address) !== number(right.address)) return number(left.address) < number(right.address);
    if (left.router !== right.router) return left.router < right.router;
    return a < b;
  }

  judge(placements: readonly Placement[]): Verdict {
    const { traffic } = this.payload;
    const broken = new Set<string>();
    let cost = 0;
    let changeCost = 0;
    traffic.forEach((_, row) => {
      for (const rule of this.brokenSets(row, placements[row])) broken.add(rule);
      cost += this.cost(row, placements[row]);
      changeCost += this.changeCost(row, placements[row]);
    });
    for (const rows of this.rowsByPrefix()) {
      for (const rule of this.brokenTogether(rows.map((row) => placements[row]))) broken.add(rule);
    }
    return {
      broken,
      cost,
      changeCost,
      overload: this.overloadOf(
        this.loads(
          traffic.map((_, row) => row),
          placements,
        ),
      ),
    };
  }

  /** Every placement of every row at every two points, allowed or not. */
  *everything(): Generator<Placement[]> {
    const choices = this.points.flatMap((ingress) => this.points.map((egress) => ({ ingress, egress })));
    yield* product(this.payload.traffic.map(() => choices));
  }

  /** Of the plans in which no more than `maxChanges` rows leave a current choice that is still allowed. */
  optimum(maxChanges = Infinity): Optimum {
    // Prefixes meet in the loads and the changes only: of the plans so far, those of equal ones need no more than their cheapest.
    let states = new Map([['', { objective: 0, loads: new Float64Array(2 * this.points.length + 1) }]]);
    for (const rows of this.rowsByPrefix()) {
      const choices = this.choicesOf(rows);
      const next: typeof states = new Map();
      for (const before of states.values()) {
        for (const choice of choices.values()) {
          const loads = before.loads.map((load, at) => load + choice.loads[at]);
          keepCheaper(next, { objective: before.objective + choice.objective, loads });
        }
      }
      states = next;
    }
    let objective: number | null = null;
    let overload = Infinity;
    for (const state of states.values()) {
      if ((state.loads.at(-1) as number) > maxChanges) continue;
      const over = this.overloadOf(state.loads);
      overload = Math.min(overload, over);
      if (over === 0 && (objective === null || state.objective < objective)) objective = state.objective;
    }
    return { objective, overload };
  }

  /** All that the rules allow one prefix, by its loads. */
  private choicesOf(rows: readonly number[]) {
    const { traffic } = this.payload;
    const open = rows.map((row) =>
      this.ingressOf(traffic[row].neighbor).flatMap((ingress) =>
        [...this.egressOf(traffic[row].prefix).keys()]
          .map((egress) => ({ ingress, egress }))
          .filter((one) => this.brokenSets(row, one).length === 0),
      ),
    );
    const choices = new Map<string, { objective: number; loads: Float64Array }>();
    for (const placed of product(open)) {
      if (this.brokenTogether(placed).length > 0) continue;
      const objective = rows.reduce(
        (sum, row, at) => sum + this.cost(row, placed[at]) + this.changeCost(row, placed[at]),
        0,
      );
      keepCheaper(choices, { objective, loads: this.loads(rows, placed) });
    }
    return choices;
  }

  private rowsByPrefix(): number[][] {
    return [...Map.groupBy(this.payload.traffic.keys(), (row) => this.payload.traffic[row].prefix).values()];
  }

  private brokenSets(row: number, { ingress, egress }: Placement): string[] {
    const { neighbor, prefix, volume } = this.payload.traffic[row];
    const broken: string[] = [];
    if (!this.ingressOf(neighbor).includes(ingress)) broken.push('ingress-set');
    if (!this.egressOf(prefix).has(egress)) return [...broken, 'egress-set'];
    if (this.distance(ingress, egress) === Infinity) broken.push('reachability');
    if (!this.isEligible(neighbor, prefix, volume, egress)) broken.push('eligibility');
    return broken;
  }

  /** The rules between the rows of one prefix. */
  private brokenTogether(placed: readonly Placement[]): string[] {
    const used = [...new Set(placed.map(({ egress }) => egress))];
    if (this.terms.variant === 'ses') return used.length > 1 ? ['single-egress'] : [];
    const broken: string[] = [];
    const isPassed = ({ ingress, egress }: Placement) =>
      used.some((other) => other !== egress && this.isCloser(ingress, other, egress));
    if (placed.some(isPassed)) broken.push('proximity');
    if (new Set(used.map((point) => this.at.get(point)!.router)).size < used.length)
      broken.push('one-point-per-router');
    return broken;
  }

  private cost(row: number, { ingress, egress }: Placement): number {
    const { prefix, volume } = this.payload.traffic[row];
    return (
      volume * (this.distance(ingress, egress) + this.at.get(egress)!.price + (this.egressOf(prefix).get(egress) ?? 0))
    );
  }

  private changeCost(row: number, placement: Placement): number {
    return this.isChange(row, placement) ? this.payload.traffic[row].volume * this.terms.changeCost : 0;
  }

  private isChange(row: number, { ingress, egress }: Placement): boolean {
    const { neighbor, prefix } = this.payload.traffic[row];
    const now = this.payload.current.find((one) => one.neighbor === neighbor && one.prefix === prefix);
    if (now === undefined || (now.ingress === ingress && now.egress === egress)) return false;
    return this.brokenSets(row, now).length === 0;
  }

  /** Of the points, ingress sides then egress sides; then the changes. */
  private loads(rows: readonly number[], placed: readonly Placement[]): Float64Array {
    const loads = new Float64Array(2 * this.points.length + 1);
    rows.forEach((row, at) => {
      if (this.isChange(row, placed[at])) loads[2 * this.points.length]++;
      const { volume } = this.payload.traffic[row];
      loads[this.points.indexOf(placed[at].ingress)] += volume;
      loads[this.points.length + this.points.indexOf(placed[at].egress)] += volume;
    });
    return loads;
  }

  private overloadOf(loads: Float64Array): number {
    return this.points.reduce((total, point, at) => {
      const { in: enters, out: leaves } = this.at.get(point)!;
      const over = (load: number, capacity: number) => (load <= capacity * (1 + TOLERANCE) ? 0 : load - capacity);
      return total + over(loads[at], enters) + over(loads[this.points.length + at], leaves);
    }, 0);
  }
}

function keepCheaper<T extends { objective: number; loads: Float64Array }>(states: Map<string, T>, state: T): void {
  const key = state.loads.join();
  const known = states.get(key);
  if (known === undefined || state.objective < known.objective) states.set(key, state);
}

function* product<T>(lists: readonly (readonly T[])[]): Generator<T[]> {
  if (lists.length === 0) {
    yield [];
    return;
  }
  for (const rest of product(lists.slice(1))) for (const one of lists[0]) yield [one, ...rest];
}
