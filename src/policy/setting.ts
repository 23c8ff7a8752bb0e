/** What a policy is made for: the network, how it runs BGP, and the policy that is there. */
import type { NetworkModel } from '../model/network-model.ts';
import { allowance, replaceable, unreplaceable } from './allow-list.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { restrictedSessions } from './base-policy.ts';
import { bgpNetwork } from './bgp/network.ts';
import { WORST_MED } from './bgp/offers.ts';
import { type BgpOptions, completeBgpOptions } from './bgp/options.ts';
import { type RouteTable, receivedRoutes } from './bgp/routes.ts';
import { bgpSpeakers } from './bgp/routing.ts';
import type { BgpSpeakers } from './bgp/speakers.ts';
import type { RouterPolicy } from './document.ts';
import { type ExistingTexts, existingPolicies } from './existing-policies.ts';
import { checkAddresses, checkNames, type Naming } from './naming.ts';
import type { PolicyOptions } from './options.ts';
import { PolicyNames } from './policy-names.ts';
import { PrefixTexts } from './render/prefix-texts.ts';
import { formatOf } from './router-format.ts';

export interface Setting extends Naming {
  readonly bgp: BgpOptions;
  readonly speakers: BgpSpeakers;
  readonly received: RouteTable;
  /** Whether rules may come and go for a prefix. */
  readonly isAllowed: (prefix: string) => boolean;
  /** All that is there; the part of it that this plan replaces: rules of a plan for what may be touched; the rest. */
  readonly existing: readonly RouterPolicy[];
  readonly own: readonly RouterPolicy[];
  readonly texts: ExistingTexts;
  readonly kept: readonly RouterPolicy[];
  readonly keptApplied: AppliedPolicy;
}

/**
 * Errors: OPTIONS_INVALID for names of sessions that the model does not have; POLICY_INVALID for a policy of such sessions,
 * a text that cannot be read, and sessions that no text tells apart.
 */
export function settingOf(model: NetworkModel, options: PolicyOptions): Setting {
  const bgp = completeBgpOptions(options.bgp);
  const network = bgpNetwork(model, bgp.nextHopMetric);
  const names = new PolicyNames(network, options.sessionNames);
  const { basePolicies } = options;
  const naming = {
    model,
    network,
    names,
    basePolicies,
    isRestricted: restrictedSessions(network),
    prefixTexts: new PrefixTexts(model.prefixes.prefixes),
  };
  checkNames(naming, options.sessionNames);
  checkAddresses(naming);
  const { policies: existing, texts } = existingPolicies(naming, options);
  const isAllowed = allowance(options.allow ?? null);
  const kept = unreplaceable(existing, isAllowed);
  return {
    ...naming,
    bgp,
    speakers: bgpSpeakers(
      network,
      bgp,
      model.routers.map((_, router) => formatOf(model, options, router)),
    ),
    received: receivedRoutes(network, bgp.missingMed === 'worst' ? WORST_MED : 0),
    isAllowed,
    existing,
    own: replaceable(existing, isAllowed),
    texts,
    kept,
    keptApplied: new AppliedPolicy(network, names, kept),
  };
}
