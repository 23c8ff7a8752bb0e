/** What to move or release in a tick that may: relief before optimization before releases, the next where the one before has nothing to do. */
import { type Candidate, candidates, measuredPrefixes } from './candidates.ts';
import { movesToward, solveClassPlan } from './classes/class-plan.ts';
import { settledClass, withPlan } from './classes/learning.ts';
import type { ClassPlan } from './classes/traffic-memory.ts';
import type { Change } from './decision.ts';
import { Ledger } from './ledger.ts';
import { acceptedMoves } from './moves.ts';
import type { Observation } from './observation.ts';
import { proposeOptimum, relativeGain } from './optimization.ts';
import type { Permission } from './permission.ts';
import type { Reallocation, Reallocator } from './reallocator.ts';
import { releases } from './release.ts';
import { relieve } from './relief.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';
import { isOver } from './watermarks.ts';

export interface Choice {
  readonly changes: readonly Change[];
  /** What the optimizer answered, in order. */
  readonly asked: readonly Reallocation[];
  /** With what is remembered besides the changes: a plan that was made, when the whole was optimized. */
  readonly state: ManagerState;
}

interface Scene {
  readonly state: ManagerState;
  readonly observation: Observation;
  readonly all: readonly Candidate[];
  /** Those of them that there is room for among the overrides. */
  readonly movable: readonly Candidate[];
  readonly changesLeft: number;
  readonly ledger: Ledger;
  readonly over: ReadonlySet<string>;
}

export class Chooser {
  readonly #limits: readonly PointLimits[];
  readonly #settings: DecisionSettings;
  readonly #permission: Permission;
  readonly #reallocate: Reallocator;

  constructor(
    limits: readonly PointLimits[],
    settings: DecisionSettings,
    permission: Permission,
    reallocate: Reallocator,
  ) {
    this.#limits = limits;
    this.#settings = settings;
    this.#permission = permission;
    this.#reallocate = reallocate;
  }

  async choose(state: ManagerState, observation: Observation): Promise<Choice> {
    const scene = this.#scene(state, observation);
    const relief = await this.#relieve(scene);
    if (relief.changes.length > 0) return relief;
    // A point that cannot be relieved is no reason to leave the others as they are.
    const after = { ...scene, state: relief.state };
    // What is moved for less would wait to be verified, and relief with it.
    const isWaiting = relief.state.reliefQueue.length > 0;
    if (isWaiting || scene.changesLeft === 0 || this.#settings.mode !== 'optimize')
      return this.#release(after, relief.asked);
    const known = await this.#classPlan(after);
    const { plan } = known;
    const asked = [...relief.asked, ...known.asked];
    const planned = { ...scene, state: known.state };
    return plan?.fits ? this.#follow(planned, plan, asked) : this.#optimize(planned, asked);
  }

  #scene(state: ManagerState, observation: Observation): Scene {
    const settings = this.#settings;
    const overridesLeft = settings.maxOverrides - state.overrides.length;
    const all = candidates(state, observation, this.#permission, settings);
    return {
      state,
      observation,
      all,
      // With no room for another override, those that there are may still go elsewhere.
      movable: overridesLeft > 0 ? all : all.filter(({ override }) => override !== null),
      changesLeft: overridesLeft > 0 ? Math.min(settings.maxChanges, overridesLeft) : settings.maxChanges,
      ledger: new Ledger(observation, this.#limits, settings.confidence),
      over: new Set(this.#limits.filter(({ id }) => isOver(state.windows[id], settings)).map(({ id }) => id)),
    };
  }

  async #relieve(scene: Scene): Promise<Choice> {
    const { state, over, changesLeft } = scene;
    if (over.size === 0) return { changes: [], asked: [], state: { ...state, reliefQueue: [] } };
    if (changesLeft === 0) return { changes: [], asked: [], state };
    const { reliefQueue: before } = state;
    const { changes, asked, queue } = await relieve(scene, before, this.#limits, this.#settings, this.#reallocate);
    return { changes, asked, state: { ...state, reliefQueue: queue } };
  }

  /** Of the traffic class that was seen long enough, made where it has none yet; null where the pattern is unknown. */
  async #classPlan({ state, observation }: Scene): Promise<{
    readonly plan: ClassPlan | null;
    readonly asked: readonly Reallocation[];
    readonly state: ManagerState;
  }> {
    const { traffic } = state;
    const settings = this.#settings;
    const at = traffic === null ? null : settledClass(traffic, settings.overTicks);
    if (traffic === null || at === null) return { plan: null, asked: [], state };
    const { plan: known, peak } = traffic.classes[at];
    if (known !== null) return { plan: known, asked: [], state };
    const measured = measuredPrefixes(state, observation, this.#permission);
    const { atMs } = observation;
    const { plan, answer } = await solveClassPlan(
      peak,
      traffic.homes,
      atMs,
      measured,
      this.#limits,
      settings,
      this.#reallocate,
    );
    const asked = [answer];
    return plan === null
      ? { plan, asked, state }
      : { plan, asked, state: { ...state, traffic: withPlan(traffic, at, plan) } };
  }

  #follow(scene: Scene, plan: ClassPlan, asked: readonly Reallocation[]): Choice {
    const { movable, over, ledger, changesLeft } = scene;
    const moves = movesToward(plan, movable);
    const rules = { mark: 'low', reason: 'optimize', changesLeft, over } as const;
    // Another class may have left points fuller than any plan would; else it is only about cost.
    const isWorthIt =
      !ledger.isBelow('low') || relativeGain(movable, this.#limits, moves) >= this.#settings.minimumGain;
    const changes = isWorthIt ? acceptedMoves(moves, movable, ledger, rules) : [];
    if (changes.length > 0) return { changes, asked, state: scene.state };
    // What is where the plan has it does not go back.
    const free = scene.all.filter(({ reading, current }) => plan.targets[reading.prefix] !== current);
    return this.#release({ ...scene, all: free }, asked);
  }

  /** The whole plan for what is seen now, at intervals. */
  async #optimize(scene: Scene, asked: readonly Reallocation[]): Promise<Choice> {
    const { state, observation, movable, over, ledger, changesLeft } = scene;
    const { optimizeEveryMs } = this.#settings;
    const { atMs } = observation;
    if (state.optimizedAtMs !== null && atMs - state.optimizedAtMs < optimizeEveryMs)
      return this.#release(scene, asked);
    const planned = { movable, ledger, over, changesLeft, prices: state.planPrices };
    const proposal = await proposeOptimum(planned, this.#limits, this.#settings, this.#reallocate);
    const rules = { mark: 'low', reason: 'optimize', changesLeft, over } as const;
    const changes = acceptedMoves(proposal.moves, movable, ledger, rules);
    const allAsked = [...asked, ...proposal.asked];
    // Without an answer the next tick asks again.
    const after = proposal.isAnswered ? { ...state, optimizedAtMs: atMs, planPrices: proposal.prices } : state;
    return changes.length > 0
      ? { changes, asked: allAsked, state: after }
      : this.#release({ ...scene, state: after }, allAsked);
  }

  #release({ state, all, ledger }: Scene, asked: readonly Reallocation[]): Choice {
    const settings = this.#settings;
    return { changes: releases(all, state.windows, ledger, settings, settings.maxChanges), asked, state };
  }
}
