import { type Static, type TSchema, Type } from 'typebox';
import Value from 'typebox/value';
import { EgressoError, type Fault } from '../errors.ts';
import { MAX_MEASURE } from './read-column.ts';

/** Options of a solve, with their defaults; the same object over HTTP, on the command line and in the library. */
export const SolveOptionsSchema = Type.Object(
  {
    variant: Type.Enum(['ses', 'mes'], { default: 'ses', description: 'Single or multiple egress selection.' }),
    method: Type.Enum(['auto', 'alternating', 'joint', 'exact', 'biggest-first', 'hot-potato'], {
      default: 'auto',
      description: 'How the plan is computed.',
    }),
    timeLimitMs: Type.Number({ minimum: 0, default: 30000, description: 'Wall-clock limit of the solve, ms.' }),
    gapTarget: Type.Number({ minimum: 0, default: 1e-4, description: 'Stop at this relative gap.' }),
    iterations: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 10,
      description: "Iterations of the alternation (the patent's ctr).",
    }),
    seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 1, description: 'Seed of every random choice.' }),
    threshold: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      default: 1,
      description: 'Usable share of every capacity.',
    }),
    changeCost: Type.Number({
      minimum: 0,
      maximum: MAX_MEASURE,
      default: 0,
      description: 'Cost per unit of volume moved away from the current choice.',
    }),
    maxChanges: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'Most (neighbor, prefix) pairs that may leave their current choice where it is still allowed; no limit if left out. Methods auto, joint and exact.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type SolveOptions = Static<typeof SolveOptionsSchema>;

/** Options of an assignment instance (`egresso gap`, POST /v1/gap). */
export const GapOptionsSchema = Type.Object(
  { timeLimitMs: Type.Number({ minimum: 0, default: 30000, description: 'Wall-clock limit of the solve, ms.' }) },
  { additionalProperties: false },
);

export type GapOptions = Static<typeof GapOptionsSchema>;

/** Fills in the defaults; throws OPTIONS_INVALID with a pointer below `base` for each fault. Nothing is coerced. */
export function parseOptions(options: unknown, base = '/options'): SolveOptions {
  return complete(SolveOptionsSchema, options, base);
}

export function parseGapOptions(options: unknown, base = '/options'): GapOptions {
  return complete(GapOptionsSchema, options, base);
}

function complete<T extends TSchema>(schema: T, options: unknown, base: string): Static<T> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const message = `must be an object, not ${shown(options)}`;
    throw new EgressoError('OPTIONS_INVALID', `options ${message}`, [{ pointer: base, message }]);
  }
  const completed: Record<string, unknown> = { ...(Value.Create(schema) as object), ...options };
  const faults: Fault[] = [];
  for (const { keyword, instancePath, message, params } of Value.Errors(schema, completed)) {
    // The missing property of a closed object is reported twice; the one at the property itself has the pointer.
    if (keyword === 'additionalProperties') continue;
    const value = shown(completed[instancePath.slice(1)]);
    faults.push({ pointer: `${base}${instancePath}`, message: messageFor(keyword, message, params, value) });
  }
  if (faults.length > 0) {
    throw new EgressoError('OPTIONS_INVALID', `${faults[0].pointer}: ${faults[0].message}`, faults);
  }
  return completed as Static<T>;
}

/** What a fault of a schema says of an option; `value`: as `shown`. */
export function messageFor(keyword: string, message: string, params: object, value: string): string {
  if (keyword === 'boolean') return 'is not an option';
  if (keyword === 'enum' && 'allowedValues' in params)
    return `must be one of ${shown(params.allowedValues)}, not ${value}`;
  return `${message}, not ${value}`;
}

export function shown(value: unknown): string {
  return typeof value === 'number' || value === undefined ? String(value) : (JSON.stringify(value) ?? typeof value);
}
