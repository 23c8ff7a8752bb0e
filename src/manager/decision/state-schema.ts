/** A state as it is read again: of a file that another process has kept, or of a log. */
import { Type } from 'typebox';
import Value from 'typebox/value';
import { EgressoError } from '../../errors.ts';
import { INITIAL_STATE, type ManagerState } from './state.ts';

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number();
const Load = Type.Number();
const Text = Type.String();
const ByName = <T extends Parameters<typeof Type.Record>[1]>(value: T) => Type.Record(Type.String(), value);
const orNull = <T extends Parameters<typeof Type.Array>[0]>(value: T) => Type.Union([value, Type.Null()]);

const Limits = Type.Object({ id: Text, capacity: Load, high: Load, low: Load, price: Type.Number() });

const OverrideState = Type.Object({
  prefix: Text,
  from: Text,
  to: Text,
  plain: orNull(Text),
  reason: Type.Enum(['relieve', 'optimize']),
  sinceMs: Time,
  leaseUntilMs: Time,
  phase: Type.Enum(['pending', 'verified']),
  pendingTicks: Count,
});

const ReleaseState = Type.Object({ prefix: Text, from: Text, to: Text, sinceMs: Time, lateTicks: Count });

const Question = Type.Object({
  points: Type.Array(Text, { minItems: 1 }),
  goal: Type.Enum(['low', 'high', 'least']),
  isCut: Type.Optional(Type.Literal(true)),
});

const Profile = Type.Object({ volumes: ByName(Load), rest: ByName(Load) });
const Plan = Type.Object({ atMs: Time, peak: Profile, fits: Type.Boolean(), targets: ByName(Text) });

const Traffic = Type.Object({
  periodMs: Time,
  intervalMs: Time,
  running: orNull(Type.Object({ interval: Count, tickCount: Type.Integer({ minimum: 1 }), sum: Profile })),
  intervals: ByName(Profile),
  classes: Type.Array(Type.Object({ intervals: Type.Array(Count), mean: Profile, peak: Profile, plan: orNull(Plan) })),
  homes: ByName(Text),
  seen: orNull(Type.Object({ class: Count, tickCount: Count })),
});

const StateSchema = Type.Object({
  tick: Count,
  atMs: Time,
  limits: Type.Array(Limits),
  frozenTicks: Count,
  soundTicks: Count,
  quarantine: ByName(Type.Object({ faultyTicks: Count, soundTicks: Count })),
  changedAtMs: orNull(Time),
  shift: orNull(Type.Object({ atMs: Time, loads: ByName(Type.Object({ before: Load, after: Load })) })),
  baseline: ByName(Load),
  windows: ByName(Type.Array(Type.Integer({ minimum: 0, maximum: 1 }))),
  overrides: Type.Array(OverrideState),
  history: ByName(Type.Object({ changedAtMs: Time, failureCount: Count })),
  reliefQueue: Type.Array(Question),
  optimizedAtMs: orNull(Time),
  planPrices: ByName(Type.Number()),
  traffic: orNull(Traffic),
  released: Type.Optional(Type.Array(ReleaseState)),
});

/**
 * What a release before did not know is as at the start; what this one does not know is left out. Errors: FORMAT_INVALID with a
 * pointer for each fault; `name`: of what holds it.
 */
export function parseState(value: unknown, name: string): ManagerState {
  const given = typeof value === 'object' && value !== null ? value : {};
  const known = Object.entries(given).filter(([key]) => key in StateSchema.properties);
  const unset = Object.entries(INITIAL_STATE).filter(([key]) => !(key in given));
  // Without overrides it is none of ours: what is announced rests on it.
  const state: unknown = 'overrides' in given ? Object.fromEntries([...known, ...unset]) : null;
  if (Value.Check(StateSchema, state)) return state;
  const faults = Value.Errors(StateSchema, state).map(({ instancePath: pointer, message }) => ({ pointer, message }));
  const [{ pointer, message }] = faults;
  throw new EgressoError('FORMAT_INVALID', `${name} is no state of the manager: ${pointer}: ${message}`, faults);
}
