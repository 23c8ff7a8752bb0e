/** What the decision maker is told once. One schema for files, documents and the audit log. */
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;
/** A day: what outlives that is policy. */
const MOST_LEASE_MS = 86_400_000;
/** What is waited for longer is not waited for. */
const MOST_TICKS = 10_000;
/** Of a unit of volume: beyond it the costs of a plan are no sums of doubles any more. */
const MOST_PRICE = 1e9;
const ticks = (description: string, value: number) =>
  Type.Integer({ minimum: 1, maximum: MOST_TICKS, default: value, description });
const duration = (description: string, value: number, maximum?: number) =>
  Type.Number({ minimum: 0, ...(maximum !== undefined && { maximum }), default: value, description });
const share = (description: string, value?: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 1, description, ...(value !== undefined && { default: value }) });

export const DecisionSettingsSchema = Type.Object(
  {
    mode: Type.Enum(['relieve', 'optimize'], {
      default: 'relieve',
      description:
        'relieve: only what is over its watermark, by least change; optimize: the whole plan too, at intervals.',
    }),
    high: share('High watermark: share of the capacity above which a point is to be relieved.', 0.85),
    low: share('Low watermark: share of the capacity that relief aims at, and that targets are filled to.', 0.75),
    overTicks: ticks('Ticks above the high watermark, of the last `ofTicks`, before anything is moved.', 3),
    ofTicks: ticks('See `overTicks`.', 5),
    holdDownMs: duration('A prefix that was changed is left alone for this long.', 600_000),
    backoffLimit: Type.Integer({
      minimum: 0,
      maximum: 30,
      default: 4,
      description: 'The hold-down doubles with each change of a prefix that had to be rolled back, at most this often.',
    }),
    minimumGain: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.05,
      description: 'Least relative fall of the excess over the watermarks (optimize: of the objective) worth a change.',
    }),
    maxChanges: Type.Integer({
      minimum: 0,
      default: 10,
      description: 'Most prefixes moved or released in one tick; with 0 points are watched, and nothing is moved.',
    }),
    maxOverrides: Type.Integer({ minimum: 0, default: 1000, description: 'Most prefixes announced at a time.' }),
    leaseMs: duration('An override that is not renewed ends after this long.', 180_000, MOST_LEASE_MS),
    staleMs: duration('Telemetry that is older is not used.', 90_000),
    settleMs: duration(
      'Routers have followed a change so long after the start of its tick; what is measured from then on is of after it.',
      5_000,
    ),
    flowLagMs: Type.Number({
      exclusiveMinimum: 0,
      default: 90_000,
      description:
        'Flow records tell of traffic up to this long before they are read: the active timeout of the exporters and the interval in which pmacct prints.',
    }),
    withdrawAfterTicks: ticks('Frozen ticks in a row before everything is withdrawn.', 3),
    recoverTicks: ticks('Sound ticks in a row before anything is moved after a freeze.', 3),
    verifyTicks: ticks('Ticks within which routes and traffic must follow a move; those count that can show it.', 3),
    confidence: Type.Number({
      minimum: 0,
      default: 2,
      description: 'Standard errors of sampling that are added to volumes where they arrive.',
    }),
    contradiction: Type.Number({
      minimum: 1,
      default: 2,
      description: 'Interface counters and the sum of prefixes may differ by this factor.',
    }),
    maxUtilization: Type.Number({ minimum: 1, default: 1.5, description: 'More than this nobody believes.' }),
    changeCost: Type.Number({
      minimum: 0,
      maximum: MOST_PRICE,
      default: 1,
      description: 'Cost per unit of volume moved.',
    }),
    optimizeEveryMs: duration('In mode optimize: between two whole plans.', 3_600_000),
    classPeriodMs: Type.Integer({
      minimum: 1,
      default: 604_800_000,
      description: 'In mode optimize: traffic is expected to repeat itself after this long, a week.',
    }),
    classIntervalMs: Type.Integer({
      minimum: 1,
      default: 3_600_000,
      description: 'Intervals that it is divided into.',
    }),
    classDistance: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.3,
      description: 'Share of their traffic that two intervals of a class may not have in common.',
    }),
    classPrefixCount: Type.Integer({
      minimum: 1,
      default: 100,
      description: 'Prefixes that are told apart in an interval, the largest.',
    }),
    classPlanMs: duration('The plan of a traffic class is made anew after this long.', 86_400_000),
    candidateCount: Type.Integer({
      minimum: 1,
      default: 200,
      description: 'Most prefixes that a relief chooses from, the largest first.',
    }),
    allow: Type.Optional(Type.Array(Type.String(), { description: 'Only prefixes within these may be moved.' })),
    deny: Type.Array(Type.String(), { default: [], description: 'Prefixes within these may not be moved.' }),
  },
  closed,
);

/** Members that every object has: what is kept by point would find them there. */
const MEMBERS = Object.getOwnPropertyNames(Object.prototype).join('|');

export const ManagedPointSchema = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      pattern: `^(?!(${MEMBERS})$)`,
      description: 'Not the name of a member of every object, as `constructor`.',
    }),
    capacity: Type.Number({ minimum: 1e-6, maximum: 1e15, description: 'In the unit of the loads.' }),
    high: Type.Optional(share('High watermark of this point; that of `decision` where left out.')),
    low: Type.Optional(share('Low watermark of this point; that of `decision` where left out.')),
    price: Type.Number({
      minimum: 0,
      maximum: MOST_PRICE,
      default: 0,
      description: 'Cost per unit of volume that leaves here.',
    }),
  },
  closed,
);

export type DecisionSettings = Static<typeof DecisionSettingsSchema>;
export type ManagedPoint = Static<typeof ManagedPointSchema>;

/** Capacities with watermarks in the unit of the loads; sorted by id. */
export interface PointLimits {
  readonly id: string;
  readonly capacity: number;
  readonly high: number;
  readonly low: number;
  readonly price: number;
}

export function pointLimits(points: readonly ManagedPoint[], settings: DecisionSettings): PointLimits[] {
  const sorted = [...points].sort((a, b) => (a.id < b.id ? -1 : 1));
  return sorted.map(({ id, capacity, high = settings.high, low = settings.low, price }) => ({
    id,
    capacity,
    high: high * capacity,
    low: low * capacity,
    price,
  }));
}
