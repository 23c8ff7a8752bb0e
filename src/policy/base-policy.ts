/**
 * Policy of the operator's own that a session has, as far as it is known here: by name. Texts call it and leave what it
 * says to it; once no rule is for a session any more, it is attached again.
 */
import { type Static, Type } from 'typebox';
import { isPeerOrProvider } from '../model/relations.ts';
import type { BgpNetwork } from './bgp/network.ts';
import { DIRECTIONS, type Direction } from './document.ts';

/** What route-maps, route-policies, policy-statements and functions may be called; ours are kept apart. */
const NAME_PATTERN = '^(?!EGRESSO|KEPT)[A-Za-z_][A-Za-z0-9_.-]{0,62}$';

const name = (what: string) =>
  Type.Optional(
    Type.Union([Type.String({ pattern: NAME_PATTERN }), Type.Null()], {
      description: `${what}; null where there is none and the router takes every route. Left out: not known.`,
    }),
  );

export const BasePolicySchema = Type.Object(
  {
    router: Type.Optional(Type.String({ description: 'Id of the router. Default: every router.' })),
    session: Type.Optional(Type.String({ description: 'Name of the session. Default: every session.' })),
    import: name('Policy that the session has for routes from its peer'),
    export: name('Policy that the session has for routes to its peer'),
  },
  { additionalProperties: false },
);

export type BasePolicies = readonly Static<typeof BasePolicySchema>[];

/** The name, null where there is none, left out where nobody says. */
export type BaseNames = Partial<Readonly<Record<Direction, string | null>>>;

/** For each direction the first entry that is for the session and tells it. */
export function baseNamesOf(policies: BasePolicies, router: string, session: string): BaseNames {
  const fitting = policies.filter((one) => (one.router ?? router) === router && (one.session ?? session) === session);
  return Object.fromEntries(
    DIRECTIONS.flatMap((direction) => {
      const known = fitting.find((one) => one[direction] !== undefined);
      return known === undefined ? [] : [[direction, known[direction]]];
    }),
  );
}

/**
 * Uint8 [sessions], 1 where not every route may be told: to peers and providers, to who hands no traffic in, and where the
 * model knows relations but not this one.
 */
export function restrictedSessions({ model, sessions }: BgpNetwork): Uint8Array {
  const isKnown = [...model.neighbors, ...model.sessions].some(({ relation }) => relation !== null);
  return Uint8Array.from(sessions, ({ point, peerAsn, peerAddress, neighbor }) => {
    if (!isKnown && neighbor >= 0) return 0;
    const own = model.sessions
      .filter((one) => one.at === point && one.peerAsn === peerAsn && one.peerAddress === peerAddress)
      .map(({ relation }) => relation);
    const relations = [...own, model.neighbors[neighbor]?.relation ?? null].filter((relation) => relation !== null);
    return relations.length === 0 || relations.some(isPeerOrProvider) ? 1 : 0;
  });
}
