/** Three points of a decision maker, tick by tick, over a network that does as it is told. */
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Change, Decision } from '../../../src/manager/decision/decision.ts';
import type { Observation } from '../../../src/manager/decision/observation.ts';
import type { DecisionSettings } from '../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf, TICK_MS } from '../simulation.ts';

export const IDS = ['a', 'b', 'c'];

export const POINTS = IDS.map((id) => ({ id, capacity: 100, price: 0 }));

export class Bench {
  readonly settings: DecisionSettings;
  readonly #maker: DecisionMaker;
  state: ManagerState = INITIAL_STATE;
  tick = 0;

  constructor(given: Partial<DecisionSettings> = {}, reallocate = exhaustive, points = POINTS) {
    this.settings = settingsOf({ recoverTicks: 1, overTicks: 1, ofTicks: 1, ...given });
    this.#maker = new DecisionMaker(limitsOf(points, this.settings), this.settings, reallocate);
  }

  async ticks(
    count: number,
    network: readonly SimulatedPrefix[],
    change: (observation: Observation) => Observation = (one) => one,
  ): Promise<Decision[]> {
    const decisions: Decision[] = [];
    for (let t = 0; t < count; t++) {
      const seen = change(observe(++this.tick * TICK_MS, IDS, network, this.state.overrides));
      const { state, decision } = await this.#maker.decide(this.state, seen);
      this.state = state;
      decisions.push(decision);
    }
    return decisions;
  }
}

export const some = (natural: string, learned: readonly string[], volumes: readonly number[]): SimulatedPrefix[] =>
  volumes.map((volume, k) => ({ prefix: `10.${IDS.indexOf(natural)}.${k}.0/24`, natural, learned, volume }));

export const changesOf = (decisions: readonly Decision[]): Change[] => decisions.flatMap(({ changes }) => changes);
