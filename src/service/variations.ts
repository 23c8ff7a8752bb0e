/** A batch: one model, and what is different in each of its solves. Read where solves run, never on the main thread. */
import { EgressoError, type Fault, MAX_LISTED_FAULTS } from '../errors.ts';
import { isPlainObject } from '../model/column.ts';
import { pointerTo, shown } from '../model/fault-list.ts';

export const MAX_VARIATIONS = 10_000;

/** What is left out is that of the batch. */
export interface Variation {
  /** Unlike all others; its place in the list where it is left out. */
  readonly id: string;
  /** JSON merge patch (RFC 7396) of the model. */
  readonly model: unknown;
  /** Instead of that of the model, whole: merged with it, columns of other lengths would be left. */
  readonly traffic?: unknown;
  /** JSON merge patch of the options. */
  readonly options: unknown;
}

export interface Batch {
  readonly model: unknown;
  readonly options: unknown;
  readonly variations: readonly Variation[];
}

/** `{model, options, variations}`. Errors: REQUEST_INVALID. The model and the options are looked at when they are varied. */
export function parseBatch(body: unknown): Batch {
  const faults: Fault[] = [];
  if (!isPlainObject(body)) throw invalid([{ pointer: '', message: `must be an object, not ${shown(body)}` }]);
  const { model, options = {}, variations, ...unknown } = body;
  for (const key of Object.keys(unknown)) faults.push({ pointer: pointerTo(key), message: 'unknown key' });
  if (!isPlainObject(model)) faults.push({ pointer: '/model', message: `must be an object, not ${shown(model)}` });
  if (!isPlainObject(options))
    faults.push({ pointer: '/options', message: `must be an object, not ${shown(options)}` });
  const isList = Array.isArray(variations) && variations.length > 0 && variations.length <= MAX_VARIATIONS;
  if (!isList) faults.push({ pointer: '/variations', message: `must be a list of 1 to ${MAX_VARIATIONS} variations` });
  const parsed = isList ? variations.map((variation, i) => parseVariation(variation, i, faults)) : [];
  refuseRepeated(parsed, faults);
  if (faults.length > 0) throw invalid(faults);
  return { model, options, variations: parsed };
}

/** The body of one solve: `{model, options}`. */
export function varied({ model, options, variations }: Batch, item: number): { model: unknown; options: unknown } {
  const { traffic, ...variation } = variations[item];
  const merged = mergePatch(model, variation.model) as object;
  return {
    model: traffic === undefined ? merged : { ...merged, traffic },
    options: mergePatch(options, variation.options),
  };
}

/** RFC 7396. Values are shared with target and patch, never changed; typed arrays are values like numbers. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  const merged = new Map(Object.entries(isPlainObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** `{id, model, traffic, options}` */
function parseVariation(variation: unknown, i: number, faults: Fault[]): Variation {
  const at = `/variations/${i}`;
  const own = isPlainObject(variation) ? variation : {};
  if (own !== variation) faults.push({ pointer: at, message: `must be an object, not ${shown(variation)}` });
  const { id = String(i), model = {}, traffic, options = {}, ...unknown } = own;
  for (const key of Object.keys(unknown)) faults.push({ pointer: `${at}${pointerTo(key)}`, message: 'unknown key' });
  const isName = typeof id === 'string' && id !== '' && id.length <= 200;
  if (!isName) faults.push({ pointer: `${at}/id`, message: `must be a text of 1 to 200 characters, not ${shown(id)}` });
  for (const [key, patch] of Object.entries({ model, options })) {
    if (!isPlainObject(patch))
      faults.push({ pointer: `${at}/${key}`, message: `must be an object, not ${shown(patch)}` });
  }
  return { id: isName ? id : String(i), model, traffic, options };
}

function refuseRepeated(variations: readonly Variation[], faults: Fault[]): void {
  const first = new Map<string, number>();
  variations.forEach(({ id }, i) => {
    const other = first.get(id);
    if (other === undefined) first.set(id, i);
    else faults.push({ pointer: `/variations/${i}/id`, message: `is the same as that of /variations/${other}` });
  });
}

function invalid(faults: readonly Fault[]): EgressoError {
  const [{ pointer, message }] = faults;
  return new EgressoError(
    'REQUEST_INVALID',
    `${pointer}: ${message}`,
    faults.slice(0, MAX_LISTED_FAULTS),
    faults.length,
  );
}
