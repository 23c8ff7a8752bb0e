/**
 * What else a pair could have done while all other prefixes stay: every way of In(h) × Out(k), what the plan would cost then,
 * and the rule that refuses it.
 *
 * SES: another egress takes all pairs of the prefix along, each by its own ingress. MES: the others stay, and the way is
 * refused where the egress set that would be open brings this pair or another one elsewhere.
 * Cost O(pairs + ways · pairs of the prefix).
 */
import { arcsBefore } from '../model/eligibility.ts';
import { distanceBetween, type NetworkModel } from '../model/network-model.ts';
import { fits } from '../problem/capacity.ts';
import { closerAt } from './closer.ts';
import type { Plan } from './plan.ts';
import type { PlannedWays } from './planned-ways.ts';

export const VERDICTS = [
  'chosen',
  'not-eligible',
  'unreachable',
  'one-point-per-router',
  'proximity',
  'ingress-capacity',
  'egress-capacity',
  'costs-more',
  'costs-as-much',
  'costs-less',
] as const;

export interface Alternative {
  /** Indices into `model.points`. */
  readonly ingress: number;
  readonly egress: number;
  /** Cost of the plan with it, minus that of the plan; null where there is no way. */
  readonly difference: number | null;
  readonly verdict: (typeof VERDICTS)[number];
  /** The point that stands in the way, or -1. */
  readonly obstacle: number;
}

interface Move {
  readonly pair: number;
  readonly ingress: number;
  readonly egress: number;
}

export class Alternatives {
  readonly #model: NetworkModel;
  readonly #plan: Plan;
  readonly #ways: PlannedWays;
  readonly #ingressLoad: Float64Array;
  readonly #egressLoad: Float64Array;
  /** The prefix that was looked at last, and where its arcs start. */
  #prefix = -1;
  #firstArc = 0;

  constructor(model: NetworkModel, plan: Plan, ways: PlannedWays) {
    this.#model = model;
    this.#plan = plan;
    this.#ways = ways;
    this.#ingressLoad = new Float64Array(model.points.length);
    this.#egressLoad = new Float64Array(model.points.length);
    for (let pair = 0; pair < model.traffic.count; pair++) {
      this.#ingressLoad[ways.ingress[pair]] += model.traffic.volume[pair];
      this.#egressLoad[ways.egress[pair]] += model.traffic.volume[pair];
    }
  }

  /** By cost, the chosen way first, those without cost last. */
  of(k: number, pair: number): Alternative[] {
    const { neighbors, prefixes, traffic } = this.#model;
    const { ingress } = neighbors[traffic.neighbor[pair]];
    const slots = Array.from({ length: prefixes.egressStart[k + 1] - prefixes.egressStart[k] }, (_, at) => at);
    const all = Array.from(ingress).flatMap((i) => slots.map((slot) => this.#judge(k, pair, i, slot)));
    const cost = ({ difference }: Alternative): number => difference ?? Number.POSITIVE_INFINITY;
    return all.sort(
      (a, b) =>
        Number(b.verdict === 'chosen') - Number(a.verdict === 'chosen') ||
        (cost(a) === cost(b) ? 0 : cost(a) - cost(b)) ||
        a.ingress - b.ingress ||
        a.egress - b.egress,
    );
  }

  /** Of the pair as the plan has it. */
  cost(k: number, pair: number): number {
    return this.#cost(k, this.#present(pair));
  }

  #judge(k: number, pair: number, ingress: number, slot: number): Alternative {
    const model = this.#model;
    const egress = model.prefixes.egressPoint[model.prefixes.egressStart[k] + slot];
    const answer = (verdict: Alternative['verdict'], difference: number | null, obstacle = -1): Alternative => ({
      ingress,
      egress,
      difference,
      verdict,
      obstacle,
    });
    if (ingress === this.#ways.ingress[pair] && egress === this.#ways.egress[pair]) return answer('chosen', 0);
    const moves = this.#moves(k, pair, ingress, egress);
    for (const move of moves) {
      if (!this.#isEligible(k, move.pair, slot)) return answer('not-eligible', null);
      const distance = distanceBetween(model, move.ingress, move.egress);
      if (distance === Number.POSITIVE_INFINITY) return answer('unreachable', null, move.ingress);
    }
    const difference = moves.reduce(
      (sum, move) => sum + this.#cost(k, move) - this.#cost(k, this.#present(move.pair)),
      0,
    );
    const [rule, obstacle] = this.#brokenSetRule(k, pair, ingress, egress) ?? this.#brokenCapacity(moves) ?? [null, -1];
    if (rule !== null) return answer(rule, difference, obstacle);
    // Sums that differ by their order only are equal.
    const scale = 1e-9 * Math.max(1, Math.abs(this.#plan.cost));
    if (Math.abs(difference) <= scale) return answer('costs-as-much', difference);
    return answer(difference > 0 ? 'costs-more' : 'costs-less', difference);
  }

  #moves(k: number, pair: number, ingress: number, egress: number): Move[] {
    const { start } = this.#model.traffic;
    const moves: Move[] = [{ pair, ingress, egress }];
    if (this.#plan.variant === 'mes' || egress === this.#ways.egress[pair]) return moves;
    for (let other = start[k]; other < start[k + 1]; other++) {
      if (other !== pair) moves.push({ pair: other, ingress: this.#ways.ingress[other], egress });
    }
    return moves;
  }

  #present(pair: number): Move {
    return { pair, ingress: this.#ways.ingress[pair], egress: this.#ways.egress[pair] };
  }

  #cost(k: number, { pair, ingress, egress }: Move): number {
    const { prefixes, points, traffic } = this.#model;
    const first = prefixes.egressStart[k];
    const within = prefixes.egressPoint.subarray(first, prefixes.egressStart[k + 1]).indexOf(egress);
    const penalty = within < 0 ? 0 : prefixes.egressPenalty[first + within];
    const volume = traffic.volume[pair];
    // Nothing costs nothing, however far.
    return volume === 0 ? 0 : volume * (distanceBetween(this.#model, ingress, egress) + points[egress].price + penalty);
  }

  #isEligible(k: number, pair: number, slot: number): boolean {
    const { prefixes, traffic } = this.#model;
    if (traffic.eligible === null) return true;
    if (k !== this.#prefix) {
      this.#prefix = k;
      this.#firstArc = arcsBefore(this.#model, k);
    }
    const slots = prefixes.egressStart[k + 1] - prefixes.egressStart[k];
    return traffic.eligible[this.#firstArc + (pair - traffic.start[k]) * slots + slot] === 1;
  }

  /** MES: with the egress open, every pair of the prefix still goes to its nearest one. */
  #brokenSetRule(k: number, pair: number, ingress: number, egress: number): [Alternative['verdict'], number] | null {
    if (this.#plan.variant === 'ses') return null;
    const { start } = this.#model.traffic;
    const { points } = this.#model;
    const ways: Move[] = [{ pair, ingress, egress }];
    for (let other = start[k]; other < start[k + 1]; other++) if (other !== pair) ways.push(this.#present(other));
    const open = [...new Set(ways.map((way) => way.egress))];
    const twin = open.find((other) => other !== egress && points[other].router === points[egress].router);
    if (twin !== undefined) return ['one-point-per-router', twin];
    for (const way of ways) {
      const closer = open.find(
        (other) => other !== way.egress && closerAt(this.#model, way.ingress, other, way.egress),
      );
      if (closer !== undefined) return ['proximity', closer];
    }
    return null;
  }

  #brokenCapacity(moves: readonly Move[]): [Alternative['verdict'], number] | null {
    const { points, traffic } = this.#model;
    const { threshold } = this.#plan;
    for (const [side, load, verdict] of [
      ['ingress', this.#ingressLoad, 'ingress-capacity'],
      ['egress', this.#egressLoad, 'egress-capacity'],
    ] as const) {
      const after = new Map<number, number>();
      for (const move of moves) {
        const [from, to] = [this.#present(move.pair)[side], move[side]];
        const volume = traffic.volume[move.pair];
        after.set(from, (after.get(from) ?? load[from]) - volume);
        after.set(to, (after.get(to) ?? load[to]) + volume);
      }
      for (const [point, amount] of after) {
        const { ingressCapacity, egressCapacity } = points[point];
        const capacity = (side === 'ingress' ? ingressCapacity : egressCapacity) * threshold;
        if (amount > load[point] && !fits(amount, capacity)) return [verdict, point];
      }
    }
    return null;
  }
}
