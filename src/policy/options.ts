/** What a policy is to be made with. One schema for the library, files, HTTP and documents. */
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { EgressoError, type Fault } from '../errors.ts';
import { given } from '../model/given.ts';
import { parsePrefix } from '../model/ip-prefix.ts';
import type { NetworkModel } from '../model/network-model.ts';
import { messageFor, shown } from '../model/options.ts';
import { BasePolicySchema } from './base-policy.ts';
import { BgpOptionsSchema, bgpOptionFaults } from './bgp/options.ts';
import { MISSING_MED_AS_WORST } from './bgp/router-os.ts';
import { COMMUNITY_PATTERN, isCommunity, RouterPolicySchema } from './document.ts';
import { INGRESS_MECHANISMS } from './export-synthesis.ts';
import { ROUTER_FORMATS } from './render/renderers.ts';
import { formatOf } from './router-format.ts';

const closed = { additionalProperties: false } as const;

/** A group in the configuration of a router: written as it is, so that nothing has to be quoted. */
const CONFIGURED_NAME_PATTERN = '^[A-Za-z_][A-Za-z0-9_.-]{0,62}$';

const ExistingTextSchema = Type.Object(
  { router: Type.String(), format: Type.Enum([...ROUTER_FORMATS]), text: Type.String() },
  closed,
);

export const PolicyOptionsSchema = Type.Object(
  {
    ingress: Type.Enum([...INGRESS_MECHANISMS], {
      default: 'med',
      description:
        'How neighbors are made to enter where the plan has them: advertise there only (enforced, but without backup), a higher MED elsewhere, or prepending elsewhere (both requested of the neighbor).',
    }),
    format: Type.Optional(
      Type.Enum([...ROUTER_FORMATS], {
        description:
          'Router OS of all routers: of the texts, and how they decide. Default: what the model says, else frr.',
      }),
    ),
    router: Type.Optional(Type.String({ description: 'Text for this router only; the proof is for all.' })),
    localPref: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 4294967295, description: 'Of chosen routes. Default: above all others.' }),
    ),
    community: Type.Optional(
      Type.Union([Type.String({ pattern: COMMUNITY_PATTERN }), Type.Null()], {
        description: 'Added to every route that import policy touches; null for none. Default: our ASN and 7040.',
      }),
    ),
    existing: Type.Array(RouterPolicySchema, {
      default: [],
      description: 'Policy that is there: rules of an earlier plan (isOwn) are replaced, others kept.',
    }),
    existingTexts: Type.Array(ExistingTextSchema, {
      default: [],
      description: 'The same as text, in the form that is rendered.',
    }),
    basePolicies: Type.Array(BasePolicySchema, {
      default: [],
      description:
        'Policy of your own that sessions have: texts call it before their own rules, and attach it again where they have none. The first entry that is for a session decides.',
    }),
    allow: Type.Optional(
      Type.Array(Type.String(), { description: 'Only these prefixes, and prefixes within them, may be touched.' }),
    ),
    maxPrefixes: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Most prefixes that rules of a session and direction may be for.' }),
    ),
    sessionNames: Type.Record(Type.String(), Type.String({ pattern: CONFIGURED_NAME_PATTERN }), {
      default: {},
      description:
        'Names by peer address that sessions have in the configuration of routers: of groups (FRR, Junos, IOS-XR), or in the names of filters (BIRD).',
    }),
    bgp: Type.Partial(BgpOptionsSchema, { ...closed, default: {}, description: 'How the routers run BGP.' }),
    verify: Type.Boolean({ default: false, description: 'Report every pair, not only those that fail.' }),
    paths: Type.Boolean({
      default: false,
      description:
        'Give import policy as paths that a controller injects over iBGP with every router, in place of rules: texts have export policy alone.',
    }),
    steps: Type.Boolean({ default: false, description: 'Order the change into steps that are safe on the way.' }),
    stepTexts: Type.Boolean({ default: false, description: 'Give the texts of all steps, too.' }),
    step: Type.Optional(Type.Integer({ minimum: 1, description: 'Give the texts of this step, from 1.' })),
  },
  closed,
);

export type PolicyOptions = Static<typeof PolicyOptionsSchema>;

/** Fills in the defaults. Errors: OPTIONS_INVALID with a pointer below `base` for each fault. */
export function parsePolicyOptions(options: unknown, model: NetworkModel, base = '/options'): PolicyOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw optionFaults([{ pointer: base, message: 'must be an object' }]);
  }
  const { ingress, existing, existingTexts, basePolicies, sessionNames, bgp, verify, paths, steps, stepTexts } =
    PolicyOptionsSchema.properties;
  const defaults = Value.Create(
    Type.Object({ ingress, existing, existingTexts, basePolicies, sessionNames, bgp, verify, paths, steps, stepTexts }),
  );
  const completed = { ...(defaults as object), ...given(options) } as PolicyOptions;
  const faults = schemaFaults(completed, base);
  if (faults.length === 0) faults.push(...contentFaults(completed, model, base));
  if (faults.length > 0) throw optionFaults(faults);
  return completed;
}

/** One for each place: what may be of several kinds has a fault of each. */
function schemaFaults(options: PolicyOptions, base: string): Fault[] {
  const places = new Map<string, string[]>();
  for (const { keyword, instancePath, message, params } of Value.Errors(PolicyOptionsSchema, options)) {
    // Both only say that there are others.
    if (keyword === 'additionalProperties' || keyword === 'anyOf') continue;
    const value = Value.Pointer.Get(options, instancePath);
    const isLast = typeof value === 'object' && value !== null;
    const text = messageFor(keyword, message, params, isLast ? 'that' : shown(value));
    places.set(instancePath, [...(places.get(instancePath) ?? []), text]);
  }
  return [...places].map(([place, messages]) => ({ pointer: `${base}${place}`, message: messages.join('; or ') }));
}

function contentFaults(options: PolicyOptions, model: NetworkModel, base: string): Fault[] {
  const routers = new Set(model.routers.map(({ id }) => id));
  const faults: Fault[] = [...bgpOptionFaults(options.bgp, model, `${base}/bgp`)];
  const checkRouter = (id: string | undefined, pointer: string) => {
    if (id !== undefined && !routers.has(id)) {
      faults.push({ pointer, message: `must be the id of a router, not ${JSON.stringify(id)}` });
    }
  };
  const checkPrefix = (text: string, pointer: string) => {
    const parsed = parsePrefix(text);
    if ('expected' in parsed)
      faults.push({ pointer, message: `must be ${parsed.expected}, not ${JSON.stringify(text)}` });
    else if (parsed.canonical !== text) faults.push({ pointer, message: `must be written ${parsed.canonical}` });
  };
  if (typeof options.community === 'string' && !isCommunity(options.community)) {
    faults.push({ pointer: `${base}/community`, message: 'has a part that is too large' });
  }
  if (options.paths && options.steps) {
    faults.push({ pointer: `${base}/steps`, message: 'are of policy: with paths there are none' });
  }
  for (const part of ['step', 'stepTexts'] as const) {
    if (options[part] && !options.steps) faults.push({ pointer: `${base}/${part}`, message: 'needs steps' });
  }
  const defiant = model.routers.filter((_, at) => !MISSING_MED_AS_WORST.has(formatOf(model, options, at)));
  if (options.bgp.missingMed === 'worst' && defiant.length > 0) {
    const message = `cannot be configured: ${defiant[0].id} takes a missing MED for the best`;
    faults.push({ pointer: `${base}/bgp/missingMed`, message });
  }
  checkRouter(options.router, `${base}/router`);
  options.allow?.forEach((prefix, at) => {
    checkPrefix(prefix, `${base}/allow/${at}`);
  });
  options.existingTexts.forEach(({ router, format }, at) => {
    checkRouter(router, `${base}/existingTexts/${at}/router`);
    const index = model.routers.findIndex(({ id }) => id === router);
    const runs = index < 0 ? format : formatOf(model, options, index);
    if (format !== runs) {
      const message = `must be ${runs}, as router ${JSON.stringify(router)} runs that, not ${format}`;
      faults.push({ pointer: `${base}/existingTexts/${at}/format`, message });
    }
  });
  options.basePolicies.forEach(({ router }, at) => {
    checkRouter(router, `${base}/basePolicies/${at}/router`);
  });
  options.existing.forEach((policy, at) => {
    checkRouter(policy.router, `${base}/existing/${at}/router`);
    policy.sessions.forEach((session, s) => {
      for (const direction of ['import', 'export'] as const) {
        session[direction].forEach((rule, r) => {
          const pointer = `${base}/existing/${at}/sessions/${s}/${direction}/${r}`;
          rule.prefixes.forEach((prefix, p) => {
            checkPrefix(prefix, `${pointer}/prefixes/${p}`);
          });
          if (new Set(rule.prefixes.map((prefix) => prefix.includes(':'))).size > 1) {
            faults.push({ pointer: `${pointer}/prefixes`, message: 'has prefixes of both address families' });
          }
          if (rule.set.communities?.every(isCommunity) === false) {
            faults.push({ pointer: `${pointer}/set/communities`, message: 'has a part that is too large' });
          }
        });
      }
    });
  });
  return faults;
}

/** The error that names the first of several faults. */
export function optionFaults(faults: readonly Fault[]): EgressoError {
  return new EgressoError('OPTIONS_INVALID', `${faults[0].pointer}: ${faults[0].message}`, faults);
}
