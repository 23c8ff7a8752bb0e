/** What a model or its options would have to say for a choice that is open to be known, tried out on the choice itself. */
import type { NetworkModel } from '../model/network-model.ts';
import { type Candidate, type DecisionOptions, decide } from './bgp/decision.ts';
import type { RouteTable } from './bgp/routes.ts';

/** Routes that tie at one router, and the rules by which it decides. */
interface OpenChoice {
  readonly routes: readonly Candidate[];
  readonly options: DecisionOptions;
}

interface Remedy {
  /** In words; null where there is nothing that it would change. */
  readonly what: string | null;
  readonly apply: (choice: OpenChoice) => OpenChoice;
}

/** The fewest things that would settle it, in words; null where nothing of what is known here does. */
export function waysToSettle(model: NetworkModel, table: RouteTable, choice: OpenChoice): string | null {
  const remedies = [
    routerAddresses(model, table, choice),
    peerIdentity(model, table, choice, 'identifier', 'peerRouterId'),
    peerIdentity(model, table, choice, 'peerAddress', 'peerAddress'),
    ...configurations(choice),
  ].filter(({ what }) => what !== null);
  for (let count = 1; count <= remedies.length; count++) {
    for (const some of selections(remedies, count)) {
      const { routes, options } = some.reduce((present, { apply }) => apply(present), choice);
      if (decide(routes, options).step !== 'undetermined') return some.map(({ what }) => what).join(', and ');
    }
  }
  return null;
}

/** BGP identifiers of our own routers, which iBGP routes are told apart by. */
function routerAddresses({ routers }: NetworkModel, { router }: RouteTable, { routes }: OpenChoice): Remedy {
  const isNameless = (one: Candidate): boolean => !one.isExternal && one.identifier < 0;
  const ids = [...new Set(routes.filter(isNameless).map(({ route }) => routers[router[route]].id))].sort();
  const each = ids.length === 1 ? `router ${ids[0]}` : `each of the routers ${ids.join(', ')}`;
  return {
    what: ids.length === 0 ? null : `the model gives ${each} an address (or a routerId)`,
    apply: (choice) => ({
      ...choice,
      routes: choice.routes.map((one) => (isNameless(one) ? { ...one, ...named(router[one.route]) } : one)),
    }),
  };
}

/** What eBGP routes are told apart by. */
function peerIdentity(
  { prefixes, points }: NetworkModel,
  { prefix, point }: RouteTable,
  { routes }: OpenChoice,
  column: 'identifier' | 'peerAddress',
  field: string,
): Remedy {
  const isNameless = (one: Candidate): boolean => one.isExternal && one[column] < 0;
  const nameless = routes.filter(isNameless);
  const at = [...new Set(nameless.map(({ route }) => points[point[route]].id))].sort();
  return {
    what:
      nameless.length === 0
        ? null
        : `the advertisements of ${prefixes.ids[prefix[nameless[0].route]]} at ${at.join(', ')} have a ${field}`,
    apply: (choice) => ({
      ...choice,
      routes: choice.routes.map((one) => (isNameless(one) ? { ...one, [column]: UNUSED + one.route } : one)),
    }),
  };
}

/** How routers may be configured: to be said only where they are. */
function configurations({ routes, options }: OpenChoice): Remedy[] {
  const remedy = (isOpen: boolean, setting: string, change: Partial<DecisionOptions>): Remedy => ({
    what: isOpen ? `the option bgp.${setting} (where the routers are configured so)` : null,
    apply: (choice) => ({ ...choice, options: { ...choice.options, ...change } }),
  });
  const { sharesLoad, prefersOldest, deterministicMed, alwaysCompareMed } = options;
  return [
    remedy(sharesLoad !== null, 'multipath: false', { sharesLoad: null }),
    remedy(prefersOldest && routes.some(({ isExternal }) => isExternal), 'compareRouterId: true', {
      prefersOldest: false,
    }),
    remedy(!deterministicMed && !alwaysCompareMed, 'deterministicMed: true', { deterministicMed: true }),
  ];
}

/** Above every place of an identifier or address. */
const UNUSED = 2 ** 40;

function named(router: number): Pick<Candidate, 'identifier' | 'peerAddress'> {
  return { identifier: UNUSED + router, peerAddress: UNUSED + router };
}

/** So many of a list, in its order. */
function* selections<T>(list: readonly T[], count: number): Generator<T[]> {
  if (count === 0) yield [];
  for (let at = 0; count > 0 && at + count <= list.length; at++) {
    for (const others of selections(list.slice(at + 1), count - 1)) yield [list[at], ...others];
  }
}
