/** From a plan to policy: import policy for the egress points, then export policy for the ingress points on top of it. */

import type { PlannedWays } from '../plan/planned-ways.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { PairWays } from './bgp/pair-ways.ts';
import { routeAll } from './bgp/routing.ts';
import type { RouterPolicy } from './document.ts';
import { synthesizeExport } from './export-synthesis.ts';
import type { Finding } from './finding.ts';
import { guardFindings } from './guards.ts';
import { synthesizeImport } from './import-synthesis.ts';
import type { PolicyOptions } from './options.ts';
import { aboveAll, MAX_LOCAL_PREF, mostPreferred } from './preference.ts';
import { RuleBook } from './rule-book.ts';
import type { Setting } from './setting.ts';

export interface Synthesis {
  /** Of the routers that have rules; rules of the plan before those that are kept. */
  readonly policies: readonly RouterPolicy[];
  /** Rules of the plan alone. */
  readonly own: readonly RouterPolicy[];
  readonly findings: readonly Finding[];
}

const OWN_MARK = 7040;

export function synthesize(setting: Setting, planned: PlannedWays, options: PolicyOptions): Synthesis {
  const { network, names, speakers, received, kept, keptApplied, bgp } = setting;
  const findings: Finding[] = [];
  const book = new RuleBook(network, names);

  const before = routeAll(speakers, keptApplied.applyImport(received));
  const localPref = options.localPref ?? aboveAll(before.routes);
  if (localPref > MAX_LOCAL_PREF) {
    const message = `no local preference is above that of ${mostPreferred(setting, before.routes)}`;
    findings.push({ kind: 'local-pref-exhausted', message });
    return { policies: [], own: [], findings };
  }
  const isTouched = synthesizeImport(
    {
      routing: before,
      ways: new PairWays(before, keptApplied, bgp),
      kept: keptApplied,
      planned,
      localPref,
      community: options.community === undefined ? ownCommunity(setting.model.asn) : options.community,
    },
    book,
    findings,
  );
  // Export policy starts from where the new import policy leads.
  const imported = new AppliedPolicy(network, names, book.policies(kept));
  const routing = routeAll(speakers, imported.applyImport(received), isTouched, before);
  const task = { routing, ways: new PairWays(routing, keptApplied, bgp), kept: keptApplied, planned };
  const { neighborMissingMed } = bgp;
  synthesizeExport({ ...task, mechanism: options.ingress, neighborMissingMed }, book, findings);

  const policies = book.policies(kept);
  const own = book.policies([]);
  const limits = { allow: options.allow ?? null, maxPrefixes: options.maxPrefixes ?? null };
  findings.push(...guardFindings(network, names, received, keptApplied, own, limits));
  return { policies, own, findings };
}

/** Marks what we touch: by RFC 1997 where our ASN fits into 16 bits, else by RFC 8092. */
function ownCommunity(asn: number | null): string | null {
  if (asn === null) return null;
  return asn <= 0xffff ? `${asn}:${OWN_MARK}` : `${asn}:${OWN_MARK}:0`;
}
