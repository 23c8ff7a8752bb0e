/** Query strings, read by the schemas that document them. */
import type { Static, TObject, TSchema } from 'typebox';
import Value from 'typebox/value';
import { EgressoError, type Fault } from '../../errors.ts';

/** Text to the types that the schema asks for; nothing else is coerced. Errors: REQUEST_INVALID. */
export function parseQuery<T extends TObject>(schema: T, query: unknown): Static<T> {
  const given = query as Record<string, string | string[]>;
  const values = Object.fromEntries(
    Object.entries(given).map(([name, text]) => [name, typedValue(schema, name, text)]),
  );
  const faults: Fault[] = [];
  for (const { keyword, instancePath, message } of Value.Errors(schema, values)) {
    // A parameter that is not known is reported at the parameter itself, too.
    if (keyword === 'additionalProperties') continue;
    const name = instancePath.slice(1);
    faults.push({
      pointer: '',
      message: `query parameter "${name}" ${keyword === 'boolean' ? 'is not known' : message}`,
    });
  }
  if (faults.length > 0) throw new EgressoError('REQUEST_INVALID', faults[0].message, faults);
  return values as Static<T>;
}

const INTEGER = /^-?\d{1,15}$/;

function typedValue(schema: TObject, name: string, text: string | string[]): unknown {
  const type = (schema.properties[name] as (TSchema & { type?: string }) | undefined)?.type;
  if (typeof text !== 'string') return text;
  if (type === 'integer' && INTEGER.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
