/** Random networks with routes of every kind, and random plans that obey their variant's rules on them. */
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { closerAt } from '../../src/plan/closer.ts';
import type { Assignment, Plan } from '../../src/plan/plan.ts';
import { Dice } from '../oracle/random-model.ts';

/** Policy that every session has: relations are kept by it, so no text may take its place. */
export const BASE_POLICIES = [{ import: 'FROM_PEERS', export: 'TO_PEERS' }];

export { Dice };

export interface NetworkTraits {
  /** Several sessions and routes at one point. */
  readonly crowded?: boolean;
  /** Points have capacities. */
  readonly limited?: boolean;
  /** Routers of several OSes: all but GoBGP, which cannot say everything. */
  readonly mixed?: boolean;
  /** Identifiers and addresses are left out here and there. */
  readonly anonymous?: boolean;
  /** All routers are GoBGP, neighbors have addresses, and no relations, which need policy that GoBGP cannot call. */
  readonly gobgp?: boolean;
}

const OWN_ASN = 64500;

/** IGP metrics come from links, so that the way of packets hop by hop is a shortest one. */
export function randomNetwork(dice: Dice, traits: NetworkTraits = {}): NetworkModel {
  const { crowded = false, limited = false, mixed = false, anonymous = false, gobgp = false } = traits;
  const isKnown = () => !anonymous || dice.chance(60);
  const routers = Array.from({ length: dice.between(2, 5) }, (_, at) => ({
    id: `r${at}`,
    ...(isKnown() && { address: `192.0.2.${dice.between(1, 9) * 10 + at}` }),
    ...(mixed && { format: dice.pick(['frr', 'bird', 'junos', 'iosxr'] as const) }),
    ...(gobgp && { format: 'gobgp' as const }),
  }));
  const capacities = () =>
    limited ? { ingressCapacity: dice.between(5, 30), egressCapacity: dice.between(5, 30) } : {};
  const split = dice.chance(40) ? routers[0].id : null;
  const interfaces = split === null ? [] : [`${split}:a`, `${split}:b`].map((id) => ({ id, router: split }));
  const points = [...routers.map(({ id }) => id).filter((id) => id !== split), ...interfaces.map(({ id }) => id)];
  const range = dice.pick([1, 3, 40]);
  const links = routers.flatMap(({ id }, at) => {
    const next = { from: id, to: routers[(at + 1) % routers.length].id, distance: dice.between(1, range) };
    const across = { from: id, to: dice.pick(routers).id, distance: dice.between(1, range) };
    return [next, ...(across.to !== id && dice.chance(40) ? [{ ...across, directed: dice.chance(30) }] : [])];
  });
  const hasRelations = dice.chance(30) && !gobgp;
  const neighbors = Array.from({ length: dice.between(1, 3) }, (_, at) => ({
    id: `A${at}`,
    asn: 65001 + at,
    ...(hasRelations ? { relation: dice.pick(['customer', 'customer', 'peer'] as const) } : {}),
    ingress: dice.some(points, 60),
  }));
  const prefixes = Array.from({ length: dice.between(1, 5) }, (_, at) => ({
    id: `P${at}`,
    prefix: dice.chance(25) ? `2001:db8:${at}::/48` : `10.${at}.0.0/16`,
    egress: dice.some(points, 70),
  }));
  const advertisements = prefixes.flatMap(({ id: prefix, egress }) => {
    if (dice.chance(25)) return [];
    return egress.flatMap((at) =>
      Array.from({ length: crowded ? dice.between(1, 2) : 1 }, (_, n) => {
        const peerAsn = dice.pick([65101, 65102, 65103]);
        return {
          prefix,
          at,
          peerAsn,
          peerAddress: `198.51.100.${points.indexOf(at) * 10 + (peerAsn - 65100) * 2 + n}`,
          ...(isKnown() && { peerRouterId: `203.0.113.${dice.between(1, 200)}` }),
          asPath: [
            peerAsn,
            ...Array.from({ length: dice.between(0, 3) }, () => dice.pick([65200, 65201, 65001, 65300])),
          ],
          origin: dice.pick(['igp', 'igp', 'egp', 'incomplete'] as const),
          med: dice.pick([0, 0, 10, 4294967295]),
          ...(dice.chance(20) ? { localPref: dice.pick([50, 150, 200, 990]) } : {}),
        };
      }),
    );
  });
  const sessions = hasRelations
    ? points
        .filter(() => dice.chance(30))
        .map((at) => ({ at, peerAsn: 65101, relation: dice.pick(['peer', 'customer'] as const) }))
    : [];
  const addressed = gobgp
    ? neighbors.flatMap(({ id, asn, ingress }, n) =>
        ingress.map((at) => ({
          at,
          peerAsn: asn,
          peerAddress: `203.0.113.${n * 20 + points.indexOf(at)}`,
          neighbor: id,
        })),
      )
    : [];
  const pairs = prefixes.flatMap(({ id: prefix }) => neighbors.map(({ id: neighbor }) => ({ neighbor, prefix })));
  const traffic = dice.some(pairs, 80).map((pair) => ({ ...pair, volume: dice.chance(10) ? 0 : dice.between(1, 9) }));
  try {
    return buildModel({
      version: 1,
      asn: OWN_ASN,
      routers: routers.map((router) => ({ ...router, ...(router.id === split ? {} : capacities()) })),
      interfaces: interfaces.map((one) => ({ ...one, ...capacities() })),
      links,
      neighbors,
      prefixes,
      advertisements,
      sessions: [...sessions, ...addressed],
      traffic,
    });
  } catch {
    // No egress is eligible for a pair: another draw.
    return randomNetwork(dice, traits);
  }
}

/** A plan that obeys the sets and the single-egress or proximity rule; null where some prefix has none. */
export function randomPlan(model: NetworkModel, variant: 'ses' | 'mes', dice: Dice): Plan | null {
  const { prefixes, traffic, neighbors, points } = model;
  const assignments: Assignment[] = [];
  let arc = 0;
  for (let k = 0; k < prefixes.count; k++) {
    const slots = Array.from(prefixes.egressPoint.subarray(prefixes.egressStart[k], prefixes.egressStart[k + 1]));
    const firstArc = arc;
    const count = traffic.start[k + 1] - traffic.start[k];
    arc += count * slots.length;
    const isEligible = (within: number, slot: number) =>
      traffic.eligible === null || traffic.eligible[firstArc + within * slots.length + slot] === 1;
    const placed = attempts(20, () => {
      const open =
        variant === 'ses'
          ? [dice.pick(slots)]
          : dice
              .shuffled(slots)
              .filter(
                (point, at, all) =>
                  (at === 0 || dice.chance(60)) &&
                  all.findIndex((other) => points[other].router === points[point].router) === at,
              );
      const chosen: Assignment[] = [];
      for (let within = 0; within < count; within++) {
        const h = traffic.neighbor[traffic.start[k] + within];
        const ingress = dice.pick(Array.from(neighbors[h].ingress));
        const egress = open.reduce((a, b) => (closerAt(model, ingress, b, a) ? b : a));
        if (!isEligible(within, slots.indexOf(egress))) return null;
        chosen.push({
          neighbor: neighbors[h].id,
          prefix: prefixes.ids[k],
          ingress: points[ingress].id,
          egress: points[egress].id,
        });
      }
      return chosen;
    });
    if (placed === null) return null;
    assignments.push(...placed);
  }
  return { modelHash: model.hash, variant, assignments } as unknown as Plan;
}

function attempts<T>(count: number, draw: () => T | null): T | null {
  for (let attempt = 0; attempt < count; attempt++) {
    const drawn = draw();
    if (drawn !== null) return drawn;
  }
  return null;
}

/** A plan by its ways: neighbor, prefix, ingress, egress. */
export function planOf(model: NetworkModel, ways: readonly (readonly [string, string, string, string])[]): Plan {
  const assignments = ways.map(([neighbor, prefix, ingress, egress]) => ({ neighbor, prefix, ingress, egress }));
  return { modelHash: model.hash, assignments } as unknown as Plan;
}
