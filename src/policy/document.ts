/**
 * A routing policy, apart from any router OS: what each router does with routes on each of its eBGP sessions.
 *
 * The first rule that matches decides; a route that none matches is accepted as it is. Prefixes match exactly, never
 * their more-specifics. One schema for types, files and documents.
 */
import { type Static, Type } from 'typebox';
import { ORIGINS } from '../model/network-model.ts';

const closed = { additionalProperties: false } as const;
const uint32 = (description: string) => Type.Integer({ minimum: 0, maximum: 4294967295, description });

export const MAX_PREPEND = 16;

/** Two parts (RFC 1997) or three (RFC 8092). */
export const COMMUNITY_PATTERN = '^\\d{1,10}:\\d{1,10}(:\\d{1,10})?$';

const LARGEST_PARTS = [0xffff, 0xffffffff];

/** A text of that pattern whose parts have the bits that the RFCs give them: 16 of two, 32 of three. */
export function isCommunity(text: string): boolean {
  const parts = text.split(':').map(Number);
  return parts.every((part) => part <= LARGEST_PARTS[parts.length - 2]);
}

/** What a rule changes on a route; what is left out stays. */
export const RouteChangeSchema = Type.Object(
  {
    localPref: Type.Optional(uint32('Local preference.')),
    med: Type.Optional(uint32('Multi-exit discriminator.')),
    origin: Type.Optional(Type.Enum([...ORIGINS], { description: 'Origin.' })),
    prepend: Type.Optional(
      Type.Object(
        {
          asn: Type.Integer({ minimum: 1, maximum: 4294967295, description: 'AS number put in front.' }),
          count: Type.Integer({ minimum: 1, maximum: MAX_PREPEND, description: 'How many times.' }),
        },
        closed,
      ),
    ),
    communities: Type.Optional(
      Type.Array(Type.String({ pattern: COMMUNITY_PATTERN }), {
        minItems: 1,
        uniqueItems: true,
        description: 'Communities that are added: two parts (RFC 1997) or three (RFC 8092).',
      }),
    ),
  },
  closed,
);

export const PolicyRuleSchema = Type.Object(
  {
    prefixes: Type.Array(Type.String(), {
      minItems: 1,
      description: 'The rule is for these prefixes, all of one address family, in the order of the model.',
    }),
    action: Type.Enum(['accept', 'reject']),
    set: RouteChangeSchema,
    isOwn: Type.Boolean({ description: 'Made from a plan: replaced by the next one, not kept.' }),
  },
  closed,
);

export const SessionPolicySchema = Type.Object(
  {
    session: Type.String({ description: 'Name of the session, unique within the router.' }),
    import: Type.Array(PolicyRuleSchema),
    export: Type.Array(PolicyRuleSchema),
  },
  closed,
);

export const RouterPolicySchema = Type.Object(
  {
    router: Type.String({ description: 'Id of the router.' }),
    sessions: Type.Array(SessionPolicySchema, { description: 'Sessions with rules, in the order of their names.' }),
  },
  closed,
);

export type RouteChange = Static<typeof RouteChangeSchema>;
export type PolicyRule = Static<typeof PolicyRuleSchema>;
export type SessionPolicy = Static<typeof SessionPolicySchema>;
export type RouterPolicy = Static<typeof RouterPolicySchema>;
export type Direction = 'import' | 'export';

export const DIRECTIONS: readonly Direction[] = ['import', 'export'];

/** Members and communities in one order, so that equal changes have equal texts. */
export function ordered({ localPref, med, origin, prepend, communities }: RouteChange): RouteChange {
  return {
    ...(localPref !== undefined && { localPref }),
    ...(med !== undefined && { med }),
    ...(origin !== undefined && { origin }),
    ...(prepend !== undefined && { prepend: { asn: prepend.asn, count: prepend.count } }),
    ...(communities !== undefined && { communities: [...new Set(communities)].sort() }),
  };
}

export type Family = 4 | 6;

export function familyOfPrefix(prefix: string): Family {
  return prefix.includes(':') ? 6 : 4;
}

const treatments = new WeakMap<PolicyRule, string>();

/** Equal for rules that do the same to prefixes of one address family; made once per rule. */
export function treatmentOf(rule: PolicyRule): string {
  let text = treatments.get(rule);
  if (text === undefined) {
    text = treatmentText(familyOfPrefix(rule.prefixes[0]), rule.action, JSON.stringify(ordered(rule.set)));
    treatments.set(rule, text);
  }
  return text;
}

/** The same from its parts. `set`: text of the ordered change. */
export function treatmentText(family: Family, action: PolicyRule['action'], set: string): string {
  return `${family} ${action} ${set}`;
}

/** Rules and prefixes in them, over all sessions and both directions. */
export function policySize(policies: readonly RouterPolicy[]): { ruleCount: number; entryCount: number } {
  const rules = policies.flatMap(({ sessions }) => sessions.flatMap((one) => [...one.import, ...one.export]));
  return {
    ruleCount: rules.length,
    entryCount: rules.reduce((sum, { prefixes }) => sum + prefixes.length, 0),
  };
}
