/** The names of plans of a batch in a folder. */
import { createHash } from 'node:crypto';

/** File systems have 255 bytes for a name; the name of a file that is being written is a little longer. */
const MOST_CHARACTERS = 200;

/** Names of variations may hold what a file name may not: it is percent-encoded. A long one is cut, and told apart by its hash. */
export function planFileName(id: string): string {
  const name = encodeURIComponent(id.toWellFormed());
  if (name.length <= MOST_CHARACTERS && id.isWellFormed()) return `${name}.json`;
  const hash = createHash('sha256').update(id, 'utf16le').digest('hex').slice(0, 16);
  return `${name.slice(0, MOST_CHARACTERS - hash.length - 1)}~${hash}.json`;
}
