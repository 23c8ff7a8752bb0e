import type { ValueKind } from './column.ts';
import { shown } from './fault-list.ts';

/**
 * The numbers of a binary column: the bytes of little-endian Float64 for measures and integers, Int32 for references
 * and offsets; or, in a payload that never left the process, a typed array. Bytes are copied, typed arrays are not.
 * A text is what is wrong.
 */
export function openBinary(source: unknown, kind: ValueKind): Float64Array | Int32Array | Uint32Array | string {
  const isNumeric = kind === 'measure' || kind === 'integer' || kind === 'reference';
  if (isNumeric && (source instanceof Float64Array || source instanceof Int32Array || source instanceof Uint32Array)) {
    return source;
  }
  if (isNumeric && source instanceof Uint8Array) {
    const Numbers = kind === 'reference' ? Int32Array : Float64Array;
    const { BYTES_PER_ELEMENT: width } = Numbers;
    if (source.byteLength % width !== 0) {
      return `has ${source.byteLength} bytes, which is no multiple of ${width}, the size of a ${Numbers.name.slice(0, -5)}`;
    }
    // A copy, because the bytes of a body start anywhere and typed arrays only at multiples of their width.
    return new Numbers(new Uint8Array(source).buffer);
  }
  return `must be an array${isNumeric ? ' or bin' : ''}, not ${shown(source)}`;
}
