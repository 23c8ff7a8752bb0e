/**
 * Export policy that makes neighbors enter where a plan has them.
 *
 * A pair that enters there anyway gets no rule. `advertise`: the route is told at the chosen point only, also where the neighbor
 * would not enter elsewhere today. `prepend`: told
 * elsewhere with our AS put in front often enough to lose. `med`: told elsewhere with a higher MED; where that would not
 * come to be compared because the path elsewhere is better by length or origin, prepended there as well. A neighbor that may
 * take a route without MED for the worst is told one at the chosen point.
 */

import type { PlannedWays } from '../plan/planned-ways.ts';
import type { AppliedPolicy } from './applied-policy.ts';
import { compareOffers, medOf, medsOfNone, NO_MED, type Offers, WORST_MED } from './bgp/offers.ts';
import type { BgpOptions } from './bgp/options.ts';
import type { PairWays } from './bgp/pair-ways.ts';
import type { Routing } from './bgp/routing.ts';
import { MAX_PREPEND, ordered, type RouteChange } from './document.ts';
import type { Finding } from './finding.ts';
import type { RuleBook } from './rule-book.ts';

export const INGRESS_MECHANISMS = ['advertise', 'med', 'prepend'] as const;
export type IngressMechanism = (typeof INGRESS_MECHANISMS)[number];

/** Above the MED of the chosen point by this much. */
const MED_STEP = 100;

export interface ExportTask {
  /** What BGP does under the new import policy and the export policy that is kept. */
  readonly routing: Routing;
  readonly ways: PairWays;
  readonly kept: AppliedPolicy;
  readonly planned: PlannedWays;
  readonly mechanism: IngressMechanism;
  readonly neighborMissingMed: BgpOptions['neighborMissingMed'];
}

interface Reaction {
  readonly action: 'accept' | 'reject';
  readonly set: RouteChange;
  /** Of `set`: equal for equal changes. */
  readonly text: string;
}

const REJECTION: Reaction = { action: 'reject', set: {}, text: '{}' };

/** Most reactions are the same few, made once: by MED where it is at least 0, by count of prepended ASNs below. */
type KnownReactions = Map<number, Reaction>;

export function synthesizeExport(task: ExportTask, book: RuleBook, findings: Finding[]): void {
  const { network } = task.routing.speakers;
  const { traffic, prefixes, neighbors } = network.model;
  const known: KnownReactions = new Map();
  const reactions: (Reaction | null)[] = [];
  for (let k = 0; k < prefixes.count; k++) {
    for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
      const h = traffic.neighbor[pair];
      const wanted = task.planned.ingress[pair];
      if (task.mechanism !== 'advertise' && task.ways.ingress(h, k) === wanted) continue;
      const offers = task.ways.offers(h, k);
      const chosen = bestOfferAt(task, offers, wanted);
      if (chosen < 0) {
        // Nothing that is told can bring the neighbor here: the round trip says so.
        if (isRejectedAt(task, h, k, wanted)) {
          const where = network.model.points[wanted].id;
          const message = `${neighbors[h].id} is not told ${prefixes.ids[k]} at ${where}: policy that is kept rejects it`;
          findings.push({ kind: 'existing-policy', message });
        }
        continue;
      }
      const obstacle = react(task, known, k, offers, chosen, wanted, reactions);
      if (obstacle !== null) {
        const what = `${neighbors[h].id} to ${prefixes.ids[k]} at ${network.model.points[wanted].id}: ${obstacle}`;
        findings.push({ kind: network.model.asn === null ? 'asn-unknown' : 'path-too-short', message: what });
        continue;
      }
      for (let o = 0; o < offers.count; o++) {
        const reaction = reactions[o];
        if (reaction !== null) book.add('export', offers.session[o], k, reaction.action, reaction.set, reaction.text);
      }
    }
  }
}

function isRejectedAt({ routing, kept }: ExportTask, h: number, k: number, point: number): boolean {
  const { sessions, sessionsOf } = routing.speakers.network;
  return sessionsOf[h].some(
    (session) => sessions[session].point === point && kept.ruleFor('export', session, k)?.action === 'reject',
  );
}

/** Of those that are sure to be there, where there are any. */
function bestOfferAt({ routing, neighborMissingMed }: ExportTask, offers: Offers, point: number): number {
  const { sessions } = routing.speakers.network;
  const [none] = medsOfNone(neighborMissingMed);
  let best = -1;
  for (let o = 0; o < offers.count; o++) {
    if (sessions[offers.session[o]].point !== point) continue;
    const order = best < 0 ? -1 : offers.isSure[best] - offers.isSure[o] || compareOffers(offers, o, best, none);
    if (order < 0) best = o;
  }
  return best;
}

/** Puts what has to change on the session of each offer into `reactions`, null for nothing; returns why it cannot, or null. */
function react(
  task: ExportTask,
  known: KnownReactions,
  k: number,
  offers: Offers,
  chosen: number,
  wanted: number,
  reactions: (Reaction | null)[],
): string | null {
  const { network } = task.routing.speakers;
  const views = medsOfNone(task.neighborMissingMed);
  reactions[chosen] = null;
  const tellsMed = task.mechanism === 'med' && offers.med[chosen] === NO_MED && views.includes(WORST_MED);
  for (let o = 0; o < offers.count; o++) {
    const session = offers.session[o];
    if (o !== chosen) reactions[o] = null;
    if (network.sessions[session].point === wanted) continue;
    if (task.mechanism === 'advertise') {
      reactions[o] = REJECTION;
      continue;
    }
    const shorter = offers.asPathLength[chosen] - offers.asPathLength[o];
    const isLevel = shorter === 0 && offers.origin[chosen] === offers.origin[o];
    if (isLevel && tellsMed) {
      const there = task.kept.ruleFor('export', offers.session[chosen], k)?.set ?? null;
      reactions[chosen] = reactionOf(known, 0, there, { med: 0 });
    }
    if (isBehind(offers, o, chosen, views, isLevel && tellsMed)) continue;
    const present = task.kept.ruleFor('export', session, k)?.set ?? null;
    const med = (Math.floor(medOf(offers, chosen, 0) / MED_STEP) + 1) * MED_STEP;
    if (task.mechanism === 'med' && isLevel && med <= WORST_MED) {
      reactions[o] = reactionOf(known, med, present, { med });
      continue;
    }
    const asn = present?.prepend?.asn ?? network.model.asn;
    const count = shorter + 1 + (present?.prepend?.count ?? 0);
    if (asn === null) return 'the model does not say our ASN, which would be prepended';
    if (count > MAX_PREPEND) return `${count} ASNs would have to be prepended, at most ${MAX_PREPEND} are`;
    reactions[o] = reactionOf(known, -count, present, { prepend: { asn, count } });
  }
  return null;
}

/** Whether an offer loses against the chosen one whatever a missing MED counts as; `isTold`: that one has a MED of 0. */
function isBehind(offers: Offers, o: number, chosen: number, views: readonly number[], isTold: boolean): boolean {
  for (const none of views) {
    if (isTold ? medOf(offers, o, none) === 0 : compareOffers(offers, chosen, o, none) >= 0) return false;
  }
  return true;
}

/** On top of what a rule that is kept does. */
function reactionOf(known: KnownReactions, key: number, present: RouteChange | null, change: RouteChange): Reaction {
  const made = present === null ? known.get(key) : undefined;
  if (made !== undefined) return made;
  const set = ordered({ ...present, ...change });
  const fresh: Reaction = { action: 'accept', set, text: JSON.stringify(set) };
  if (present === null) known.set(key, fresh);
  return fresh;
}
