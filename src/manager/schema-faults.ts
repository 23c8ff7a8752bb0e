/** What a schema finds, as faults: each once, at the field itself. */
import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import type { Fault } from '../errors.ts';

/** In the order of the schema; empty where `value` is as it says. */
export function schemaFaults(schema: TSchema, value: unknown): Fault[] {
  return Value.Errors(schema, value).flatMap(({ keyword, instancePath, message }) => {
    // A field that a closed object does not know is told twice; the other one has its pointer.
    if (keyword === 'additionalProperties') return [];
    return [{ pointer: instancePath, message: keyword === 'boolean' ? 'is not known' : message }];
  });
}
