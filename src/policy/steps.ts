/** The execution plan: the change from the policy that is there to the one that a plan needs, in steps that are safe. */
import { EgressoError } from '../errors.ts';
import type { PlannedWays } from '../plan/planned-ways.ts';
import { overloadOf } from '../problem/capacity.ts';
import { orderMoves } from './batches.ts';
import { type RouterPolicy, treatmentOf } from './document.ts';
import type { Finding } from './finding.ts';
import { Mixture } from './mixture.ts';
import { type Change, changeOf, type Move } from './moves.ts';
import { renderContext } from './naming.ts';
import type { PolicyOptions } from './options.ts';
import { Reading } from './reading.ts';
import { presentPart } from './render/named-change.ts';
import type { RenderContext, Renderer } from './render/renderer.ts';
import { rendererFor } from './render/renderers.ts';
import type { ExecutionPhase, ExecutionPlan, ExecutionStep, RuleChange } from './report.ts';
import { formatOf } from './router-format.ts';
import type { Setting } from './setting.ts';
import { type Entry, PHASES, Transition } from './transition.ts';

/** Of the texts of all steps together, in characters: what one answer can carry. */
const MAX_TEXT = 16e6;

/**
 * `target`: rules of the plan united with those that are kept, as synthesis gives them. `findings`: texts that come to something
 * else than was meant. Errors: STEPS_TOO_LARGE.
 */
export function executionPlan(
  setting: Setting,
  target: readonly RouterPolicy[],
  planned: PlannedWays,
  options: PolicyOptions,
): { readonly plan: ExecutionPlan; readonly findings: readonly Finding[] } {
  const { model } = setting;
  const transition = new Transition(setting, target);
  const change = changeOf(setting, transition, planned);
  const capacity = Float64Array.from(model.points.flatMap((point) => [point.ingressCapacity, point.egressCapacity]));
  const { batches, isLeast } = orderMoves(change.moves, capacity, change.load);
  const writer = new StepWriter(setting, transition, change, options);
  const steps = batches.map(({ moves, overloadOnTheWay, load }, at): ExecutionStep => {
    let overload = 0;
    for (let side = 0; side < load.length; side++) overload += overloadOf(load[side], capacity[side]);
    return {
      prefixes: moves.map(({ prefix }) => model.prefixes.ids[prefix]),
      overloadOnTheWay,
      strayCount: moves.reduce((sum, { strayCount }) => sum + strayCount, 0),
      strayVolume: moves.reduce((sum, { strayVolume }) => sum + strayVolume, 0),
      ...transientsOf(setting, moves),
      overload,
      loads: namedLoads(setting, load),
      phases: writer.phases(moves, at + 1),
    };
  });
  const last = steps.at(-1);
  const before = namedLoads(setting, change.load);
  const rest = writer.rest(steps.length + 1);
  if (rest !== null) {
    steps.push({
      prefixes: [...new Set(rest.difference.flatMap(({ rule }) => rule.prefixes))],
      overloadOnTheWay: 0,
      strayCount: 0,
      strayVolume: 0,
      ...transientsOf(setting, []),
      overload: last?.overload ?? 0,
      loads: last?.loads ?? before,
      phases: [rest],
    });
  }
  const plan = {
    isSafe: steps.every((step) => step.overloadOnTheWay === 0 && step.strayCount + step.transientCount === 0),
    isLeast,
    unknownVolume: change.unknownVolume,
    before,
    steps,
  };
  return { plan, findings: writer.findings };
}

function namedLoads({ model }: Setting, load: Float64Array): ExecutionStep['loads'] {
  return model.points.map(({ id }, point) => ({ point: id, ingress: load[2 * point], egress: load[2 * point + 1] }));
}

/** Of one step that are named. */
const MAX_TRANSIENTS = 1000;

function transientsOf({ model }: Setting, moves: readonly Move[]) {
  const all = moves.flatMap(({ transients }) => transients);
  const idOf = (point: number): string => model.points[point].id;
  return {
    transientCount: all.length,
    transientVolume: all.reduce((sum, { volume }) => sum + volume, 0),
    transients: all.slice(0, MAX_TRANSIENTS).map(({ neighbor, prefix, volume, ingress, egress, mayBeUntold }) => ({
      neighbor: model.neighbors[neighbor].id,
      prefix: model.prefixes.ids[prefix],
      volume,
      ingress: ingress.map(idOf),
      egress: egress.map(idOf),
      mayBeUntold,
    })),
  };
}

interface StepText {
  readonly was: RouterPolicy;
  readonly is: RouterPolicy;
  readonly change: string;
  readonly rollback: string;
  readonly step: number;
}

/** Gives the phases of one step after another. */
class StepWriter {
  readonly findings: Finding[] = [];
  readonly #setting: Setting;
  readonly #change: Change;
  readonly #options: PolicyOptions;
  readonly #mixture: Mixture;
  /** Of routers whose policy was given as text: they take the texts of all steps. */
  readonly #readings = new Map<string, Reading>();
  #written = 0;

  constructor(setting: Setting, transition: Transition, change: Change, options: PolicyOptions) {
    this.#setting = setting;
    this.#change = change;
    this.#options = options;
    this.#mixture = new Mixture(setting, transition);
  }

  phases(moves: readonly Move[], step: number): ExecutionPhase[] {
    return PHASES.flatMap((phase) => {
      const entries = moves.flatMap((move) =>
        (this.#change.entries.get(move) ?? []).flatMap((entry) =>
          entry.phase === phase ? [[move.prefix, entry] as const] : [],
        ),
      );
      if (entries.length === 0) return [];
      const difference = this.#difference(entries);
      const carryOut = () => {
        for (const [k, entry] of entries) this.#mixture.carryOut(k, entry);
      };
      return [{ name: phase, difference, routers: this.#texts(difference, step, carryOut, true) }];
    });
  }

  /** What goes in the end; null where nothing is left. */
  rest(step: number): ExecutionPhase | null {
    const { stale } = this.#mixture;
    if (stale.length === 0) return null;
    return { name: 'release', difference: [...stale], routers: this.#texts(stale, step, () => {}, false) };
  }

  /** By rule, those that come first; each for the prefixes of the step alone. */
  #difference(entries: readonly (readonly [number, Entry])[]): RuleChange[] {
    const { model, names } = this.#setting;
    const changes = new Map<string, RuleChange>();
    for (const change of ['add', 'remove'] as const) {
      for (const [k, { direction, session, router, was, is }] of entries) {
        const rule = change === 'add' ? is : was;
        if (rule === null) continue;
        const prefix = model.prefixes.prefixes[k];
        const key = `${change} ${direction} ${session} ${treatmentOf(rule)}`;
        const known = changes.get(key);
        if (known !== undefined) known.rule.prefixes.push(prefix);
        else {
          const { id } = model.routers[router];
          const mine = { ...rule, prefixes: [prefix] };
          changes.set(key, { router: id, session: names.sessions[session], direction, change, rule: mine });
        }
      }
    }
    return [...changes.values()];
  }

  /** Texts before and after `carryOut`, for the routers of a difference. */
  #texts(difference: readonly RuleChange[], step: number, carryOut: () => void, withStale: boolean) {
    const { model } = this.#setting;
    const { stepTexts, step: wanted, router: only } = this.#options;
    if (!stepTexts && wanted !== step) {
      carryOut();
      return [];
    }
    const touched = new Set(difference.map(({ router }) => router));
    const routers = model.routers.flatMap(({ id }, router) =>
      touched.has(id) && (only === undefined || only === id) ? [router] : [],
    );
    const before = routers.map((router) => this.#mixture.policyOf(router));
    carryOut();
    return routers.map((router, at) => {
      const format = formatOf(model, this.#options, router);
      const [renderer, context] = [rendererFor(format), renderContext(this.#setting, router)];
      const [was, is] = [before[at], this.#mixture.policyOf(router, withStale)];
      const change = renderer.change(was, is, context);
      const rollback = renderer.change(is, was, context);
      this.#readBack(renderer, context, { was, is, change, rollback, step });
      this.#written += change.length + rollback.length;
      if (this.#written > MAX_TEXT) {
        const message = `the texts of the first ${step} steps have more than ${MAX_TEXT} characters; ask for one step at a time (step)`;
        throw new EgressoError('STEPS_TOO_LARGE', message, [{ pointer: '/options/stepTexts', message }]);
      }
      return { router: model.routers[router].id, format, change, rollback };
    });
  }

  /** The router takes the change, the rollback, and the change again. */
  #readBack(renderer: Renderer, context: RenderContext, { was, is, change, rollback, step }: StepText): void {
    const reading = this.#readings.get(was.router) ?? this.#startReading(renderer, context, was, is);
    reading.go(change, is, `change of step ${step}`);
    reading.go(rollback, was, `rollback of step ${step}`);
    reading.go(change, is, `change of step ${step}`);
    this.findings.push(...reading.findings.splice(0));
  }

  /** From the text that was given; where there is none, or not all texts since, from one that stands for what is there. */
  #startReading(renderer: Renderer, context: RenderContext, was: RouterPolicy, is: RouterPolicy): Reading {
    const reading = new Reading(renderer, context, was.router);
    const given = this.#options.stepTexts ? (this.#setting.texts.get(was.router)?.text ?? '') : '';
    const present = given === '' ? presentPart(was, is, context) : was;
    const text = given === '' ? renderer.render(present, context) : given;
    reading.start(text === '' ? [] : [text], present, 'before the steps');
    if (given !== '') this.#readings.set(was.router, reading);
    return reading;
  }
}
