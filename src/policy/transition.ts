/**
 * How the rules of a prefix become those of a target: make before break. First routes that are to be used are preferred at all
 * routers; then, with BGP at rest, neighbors are told better offers; then the offers elsewhere get worse, in the order that
 * `export-order.ts` gives; then routes that are not used any more lose their preference. So what is left is still there until
 * what replaces it is.
 */
import { replaceable } from './allow-list.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { medsOfNone } from './bgp/offers.ts';
import { DIRECTIONS, type Direction, type PolicyRule, type RouterPolicy, treatmentOf } from './document.ts';
import type { PolicyRules } from './policy-rules.ts';
import type { Setting } from './setting.ts';

/** In the order in which they are carried out. */
export const PHASES = ['prefer', 'offer', 'deter', 'worsen', 'release', 'restore'] as const;
export type Phase = (typeof PHASES)[number];

/** What changes for one prefix on one session: a rule of a plan, or null. */
export interface Entry {
  readonly direction: Direction;
  readonly session: number;
  /** Index into `model.routers`. */
  readonly router: number;
  readonly was: PolicyRule | null;
  readonly is: PolicyRule | null;
  readonly phase: Phase;
}

/** Up to so many routers, every set of them that may have its change already is looked at; above, they act in their order. */
const MAX_SUBSETS_OF = 4;

export class Transition {
  readonly before: AppliedPolicy;
  readonly after: AppliedPolicy;
  readonly #setting: Setting;
  readonly #ownBefore: AppliedPolicy;
  readonly #ownAfter: AppliedPolicy;
  readonly #medsOfNone: readonly number[];

  constructor(setting: Setting, target: readonly RouterPolicy[]) {
    const { network, names, existing, own, isAllowed } = setting;
    this.#setting = setting;
    this.#medsOfNone = medsOfNone(setting.bgp.neighborMissingMed);
    this.before = new AppliedPolicy(network, names, existing);
    this.after = new AppliedPolicy(network, names, target);
    this.#ownBefore = new AppliedPolicy(network, names, own);
    this.#ownAfter = new AppliedPolicy(network, names, replaceable(target, isAllowed));
  }

  /** By direction, then session. What neighbors are told is `offer` where it gets better, `worsen` where it gets worse. */
  entries(k: number): Entry[] {
    const entries: Entry[] = [];
    const { sessions } = this.#setting.network;
    for (const direction of DIRECTIONS) {
      for (let session = 0; session < sessions.length; session++) {
        const was = this.#ownBefore.ruleFor(direction, session, k);
        const is = this.#ownAfter.ruleFor(direction, session, k);
        if (was === is || (was !== null && is !== null && treatmentOf(was) === treatmentOf(is))) continue;
        const effects = [
          this.before.ruleFor(direction, session, k),
          this.after.ruleFor(direction, session, k),
        ] as const;
        const phase = direction === 'import' ? importPhase(is, effects[0]) : exportPhase(...effects, this.#medsOfNone);
        entries.push({ direction, session, router: sessions[session].router, was, is, phase });
      }
    }
    return entries;
  }

  /** The rule of a plan that a prefix has on a session, before or in the end. */
  ownRule(isAfter: boolean, direction: Direction, session: number, k: number): PolicyRule | null {
    return (isAfter ? this.#ownAfter : this.#ownBefore).ruleFor(direction, session, k);
  }

  /**
   * Policies on the way between the two, while entries of one prefix are carried out: phase by phase, each router by router. The
   * last one of a phase has all of it.
   */
  *between(entries: readonly Entry[]): Generator<Iterable<PolicyRules>> {
    for (const phase of PHASES) {
      if (entries.some((entry) => entry.phase === phase)) yield this.#within(entries, phase);
    }
  }

  *#within(entries: readonly Entry[], phase: Phase): Generator<PolicyRules> {
    const isPast = (of: Phase): boolean => PHASES.indexOf(of) < PHASES.indexOf(phase);
    const routers = [...new Set(entries.filter((entry) => entry.phase === phase).map(({ router }) => router))];
    for (const acted of subsets(routers.sort((a, b) => a - b))) {
      yield this.partial(entries, (entry) => isPast(entry.phase) || (entry.phase === phase && acted.has(entry.router)));
    }
  }

  /** Where some entries of a prefix are carried out. */
  partial(entries: readonly Entry[], isDone: (entry: Entry) => boolean): PolicyRules {
    const done = { import: new Set<number>(), export: new Set<number>() };
    for (const entry of entries) if (isDone(entry)) done[entry.direction].add(entry.session);
    return {
      ruleFor: (direction, session, k) =>
        (done[direction].has(session) ? this.after : this.before).ruleFor(direction, session, k),
    };
  }
}

function* subsets(routers: readonly number[]): Generator<ReadonlySet<number>> {
  if (routers.length <= MAX_SUBSETS_OF) {
    for (let mask = 1; mask < 2 ** routers.length; mask++) {
      yield new Set(routers.filter((_, at) => (mask & (1 << at)) !== 0));
    }
    return;
  }
  for (let count = 1; count <= routers.length; count++) yield new Set(routers.slice(0, count));
}

/** A rule of ours that comes prefers its route; one that goes does so where it rejected. */
function importPhase(is: PolicyRule | null, effect: PolicyRule | null): Phase {
  const isBetter = is === null ? effect?.action === 'reject' : is.action === 'accept';
  return isBetter ? 'prefer' : 'release';
}

/** `medsOfNone`: what neighbors may take a missing MED for. */
function exportPhase(was: PolicyRule | null, is: PolicyRule | null, medsOfNone: readonly number[]): Phase {
  if (was?.action === 'reject' || is?.action === 'reject') return is?.action === 'reject' ? 'worsen' : 'offer';
  const longer = (is?.set.prepend?.count ?? 0) - (was?.set.prepend?.count ?? 0);
  if (longer !== 0) return longer > 0 ? 'worsen' : 'offer';
  return medsOfNone.some((none) => (is?.set.med ?? none) > (was?.set.med ?? none)) ? 'worsen' : 'offer';
}
