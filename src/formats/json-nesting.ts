import { EgressoError } from '../errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Checks, before anything is parsed, that lists and objects nest no deeper than `maxNesting`.
 *
 * @throws EgressoError BODY_MALFORMED
 */
export function checkJsonNesting(bytes: Uint8Array, maxNesting: number): void {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      do {
        i += bytes[i] === BACKSLASH ? 2 : 1;
      } while (i < bytes.length && bytes[i] !== QUOTE);
      // A bracket is 0x5b or 0x5d, a brace 0x7b or 0x7d: only bit 5 tells them apart.
    } else if ((byte | 0x20) === 0x7b) {
      if (++depth > maxNesting) {
        throw new EgressoError('BODY_MALFORMED', `The body is nested deeper than ${maxNesting} levels (at byte ${i}).`);
      }
    } else if ((byte | 0x20) === 0x7d) depth--;
  }
}
