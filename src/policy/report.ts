/** What policy for a plan comes to, in names. One schema for types, HTTP and documents. */
import { type Static, Type } from 'typebox';
import { ORIGINS } from '../model/network-model.ts';
import { DECISION_STEPS } from './bgp/decision.ts';
import { INGRESS_STEPS } from './bgp/offers.ts';
import { PolicyRuleSchema } from './document.ts';
import { FindingSchema } from './finding.ts';
import { ROUTER_FORMATS } from './render/renderers.ts';
import { PHASES } from './transition.ts';

const closed = { additionalProperties: false } as const;
const way = (description: string) =>
  Type.Object({ ingress: Type.String(), egress: Type.String() }, { ...closed, description });

export const PairReportSchema = Type.Object(
  {
    neighbor: Type.String(),
    prefix: Type.String(),
    volume: Type.Number(),
    status: Type.Enum(['enforced', 'requested', 'untold', 'failed'], {
      description:
        'enforced: told at the planned point only. requested: told elsewhere too, where the neighbor has a worse path. untold: no volume, and the neighbor may not be told the prefix there.',
    }),
    planned: way('Points of the plan.'),
    found: way('Points that BGP chooses; or none, undetermined, unstable, deflected.'),
    ingressStep: Type.Enum([...INGRESS_STEPS], { description: 'What decides at the neighbor.' }),
    egressStep: Type.Enum([...DECISION_STEPS, 'no-route', 'unstable', 'deflected'], {
      description: 'What decides at the planned ingress router.',
    }),
  },
  closed,
);

export const RouterTextSchema = Type.Object(
  {
    router: Type.String(),
    format: Type.Enum([...ROUTER_FORMATS]),
    text: Type.String({ description: 'The whole policy of the router.' }),
    change: Type.String({
      description: 'What leads there from the policy that is there; empty where nothing changes.',
    }),
    rollback: Type.String({ description: 'What leads back.' }),
    ruleCount: Type.Integer(),
    entryCount: Type.Integer({ description: 'Prefixes in rules, each counted in every rule.' }),
    byteCount: Type.Integer({ description: 'Bytes of `text`.' }),
  },
  closed,
);

export const RuleChangeSchema = Type.Object(
  {
    router: Type.String(),
    session: Type.String(),
    direction: Type.Enum(['import', 'export']),
    change: Type.Enum(['add', 'remove']),
    rule: PolicyRuleSchema,
  },
  closed,
);

export const InjectedPathSchema = Type.Object(
  {
    router: Type.String({ description: 'Where the path leaves.' }),
    session: Type.String(),
    prefix: Type.String(),
    identifier: Type.Integer({ description: 'Tells the paths of a prefix apart (RFC 7911); from 1.' }),
    nextHop: Type.String(),
    localPref: Type.Integer(),
    asPath: Type.Array(Type.Integer(), { description: 'Nearest AS first.' }),
    origin: Type.Enum([...ORIGINS]),
    med: Type.Optional(Type.Integer({ description: 'Left out where the route has none.' })),
    communities: Type.Array(Type.String(), { description: 'By number, the well-known ones too.' }),
    inject: Type.String({ description: "Command of GoBGP's client." }),
    withdraw: Type.String(),
  },
  closed,
);

export type InjectedPath = Static<typeof InjectedPathSchema>;

const LoadsSchema = Type.Array(
  Type.Object({ point: Type.String(), ingress: Type.Number(), egress: Type.Number() }, closed),
  { description: 'Expected loads of all points, in the unit of the model.' },
);

const { router, format, change, rollback } = RouterTextSchema.properties;

export const ExecutionPhaseSchema = Type.Object(
  {
    name: Type.Enum([...PHASES], {
      description:
        'prefer: routes that are to be used. offer: neighbors are told more, or better. deter: they are told less, or worse, at points that are neither theirs nor planned, but would win meanwhile. worsen: the same elsewhere. release: routes that are used no more. restore: more, or better, at points that would have won before.',
    }),
    difference: Type.Array(RuleChangeSchema, {
      description: 'Rules that come and go, each with the prefixes of this step alone.',
    }),
    routers: Type.Array(Type.Object({ router, format, change, rollback }, closed), {
      description: 'Texts, where they were asked for (`stepTexts`, `step`).',
    }),
  },
  closed,
);

export const TransientSchema = Type.Object(
  {
    neighbor: Type.String(),
    prefix: Type.String({ description: 'Id of the prefix.' }),
    volume: Type.Number(),
    ingress: Type.Array(Type.String(), { description: 'Points where it may enter of neither way.' }),
    egress: Type.Array(Type.String(), { description: 'Points where it may leave of neither way.' }),
    mayBeUntold: Type.Boolean({ description: 'The neighbor may be told the prefix nowhere.' }),
  },
  closed,
);

export const ExecutionStepSchema = Type.Object(
  {
    prefixes: Type.Array(Type.String(), {
      description: 'Ids of the prefixes whose rules change; of those that the model does not have, the prefixes.',
    }),
    overloadOnTheWay: Type.Number({
      description:
        'Overload beyond capacity, the load before and that of the plan, if all of it arrives, and passes where it may, before any of it leaves.',
    }),
    strayCount: Type.Integer({
      description:
        'Pairs that may on the way, between the changes of two routers, use a point of neither their way before nor their planned one, or none.',
    }),
    strayVolume: Type.Number({ description: 'Volume of those pairs.' }),
    transientCount: Type.Integer({
      description:
        'Pairs that may do so at points where they do not otherwise, while updates of a phase are under way: some sessions tell what they did before, others what they are to tell.',
    }),
    transientVolume: Type.Number({ description: 'Volume of those pairs.' }),
    transients: Type.Array(TransientSchema, { description: 'Those pairs, the first 1,000.' }),
    overload: Type.Number({ description: 'After the step.' }),
    loads: LoadsSchema,
    phases: Type.Array(ExecutionPhaseSchema, {
      description: 'One after another, at all routers each, with BGP at rest in between.',
    }),
  },
  closed,
);

export const ExecutionPlanSchema = Type.Object(
  {
    isSafe: Type.Boolean({ description: 'No step has an overload, stray or transient pairs on the way.' }),
    isLeast: Type.Boolean({ description: 'Proven: no order has less overload on the way.' }),
    unknownVolume: Type.Number({
      description: 'Volume whose way before is not known: it is taken to arrive, not to leave.',
    }),
    before: LoadsSchema,
    steps: Type.Array(ExecutionStepSchema),
  },
  closed,
);

export type ExecutionPhase = Static<typeof ExecutionPhaseSchema>;
export type ExecutionStep = Static<typeof ExecutionStepSchema>;
export type ExecutionPlan = Static<typeof ExecutionPlanSchema>;
export type PairReport = Static<typeof PairReportSchema>;
export type RouterText = Static<typeof RouterTextSchema>;
export type RuleChange = Static<typeof RuleChangeSchema>;

export const PolicyResultSchema = Type.Object(
  {
    status: Type.Enum(['proven', 'refuted'], {
      description: 'refuted: BGP would not do what the plan says, so nothing is emitted.',
    }),
    modelHash: Type.String(),
    pairs: Type.Object(
      {
        enforcedCount: Type.Integer(),
        requestedCount: Type.Integer(),
        untoldCount: Type.Integer(),
        failedCount: Type.Integer(),
        reports: Type.Array(PairReportSchema, { description: 'Pairs that fail (the first 1,000), or all of them.' }),
      },
      closed,
    ),
    findings: Type.Array(FindingSchema),
    warnings: Type.Array(Type.String(), {
      description: 'Sessions whose policy nobody names (`basePolicies`), and what becomes of it.',
    }),
    routers: Type.Array(RouterTextSchema),
    difference: Type.Array(RuleChangeSchema, {
      description: 'Rules that come and go, each with the prefixes that come and go by it.',
    }),
    execution: Type.Union([ExecutionPlanSchema, Type.Null()], {
      description: 'The change in steps, where they were asked for and the plan is proven.',
    }),
    paths: Type.Array(InjectedPathSchema, {
      description:
        'Import policy as paths for a controller, where they were asked for and the plan is proven with them.',
    }),
    ruleCount: Type.Integer({ description: 'Rules in all routers.' }),
    entryCount: Type.Integer({ description: 'Prefixes in them.' }),
    entriesPerPrefix: Type.Number({ description: 'entryCount over the number of prefixes with traffic.' }),
  },
  closed,
);

export type PolicyResult = Static<typeof PolicyResultSchema>;
