/** A decision maker and its network, tick by tick, over restarts with another configuration. */
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Change, Decision } from '../../../src/manager/decision/decision.ts';
import type { Observation, PointReading, PrefixReading } from '../../../src/manager/decision/observation.ts';
import type { DecisionSettings, ManagedPoint } from '../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState, type Override } from '../../../src/manager/decision/state.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf, TICK_MS } from '../simulation.ts';

export type See = (observation: Observation) => Observation;

export class Bench {
  atMs = 0;
  state: ManagerState = INITIAL_STATE;
  settings: DecisionSettings;
  /** What the network holds on to, where it does not go by the state. */
  held: readonly Override[] | null = null;
  #points: readonly ManagedPoint[];
  #maker: DecisionMaker;

  constructor(points: readonly ManagedPoint[], given: Partial<DecisionSettings> = {}) {
    this.#points = points;
    this.settings = settingsOf({ recoverTicks: 1, overTicks: 1, ofTicks: 1, ...given });
    this.#maker = this.#restarted();
  }

  /** The next process, with the state of this one. */
  restart(points: readonly ManagedPoint[], given: Partial<DecisionSettings> = {}): void {
    this.#points = points;
    this.settings = { ...this.settings, ...given };
    this.state = JSON.parse(JSON.stringify(this.state));
    this.#maker = this.#restarted();
  }

  async tick(network: readonly SimulatedPrefix[], see: See = (one) => one): Promise<Decision> {
    this.atMs += TICK_MS;
    const ids = this.#points.map(({ id }) => id);
    const seen = see(observe(this.atMs, ids, network, this.held ?? this.state.overrides));
    const { state, decision } = await this.#maker.decide(this.state, seen);
    this.state = state;
    return decision;
  }

  async ticks(count: number, network: readonly SimulatedPrefix[], see?: See): Promise<Decision[]> {
    const decisions: Decision[] = [];
    for (let t = 0; t < count; t++) decisions.push(await this.tick(network, see));
    return decisions;
  }

  #restarted(): DecisionMaker {
    return new DecisionMaker(limitsOf(this.#points, this.settings), this.settings, exhaustive);
  }
}

export const pointsOf = (ids: readonly string[], capacity = 100): ManagedPoint[] =>
  ids.map((id) => ({ id, capacity, price: 0 }));

/** Prefixes 10.`block`.k.0/24. */
export const prefixesAt = (
  natural: string,
  learned: readonly string[],
  volumes: readonly number[],
  block = 0,
): SimulatedPrefix[] => volumes.map((volume, k) => ({ prefix: `10.${block}.${k}.0/24`, natural, learned, volume }));

export const changesOf = (decisions: readonly Decision[]): Change[] => decisions.flatMap(({ changes }) => changes);

export const withPoint =
  (id: string, change: (point: PointReading) => Partial<PointReading>): See =>
  (one) => ({
    ...one,
    points: one.points.map((point) => (point.point === id ? { ...point, ...change(point) } : point)),
  });

export const withPrefix =
  (prefix: string, change: (reading: PrefixReading) => Partial<PrefixReading>): See =>
  (one) => ({
    ...one,
    prefixes: one.prefixes.map((reading) => (reading.prefix === prefix ? { ...reading, ...change(reading) } : reading)),
  });
