/**
 * One reading of a whole table, beside a watch that was opened before it. What the watch tells is newer than what is listed, so
 * that it is taken in at once, and what is listed of the same path counts no more: it would bring back what is gone.
 */
import type { GobgpPeer } from '../gobgp/client.ts';
import type { ReceivedRoute } from '../gobgp/path.ts';

type PathName = Pick<ReceivedRoute, 'neighbor' | 'pathId' | 'prefix'>;

export class TableReading {
  readonly #told = new Set<string>();
  /** Sessions that were down in the meantime: all that they have to say since comes by the watch. */
  readonly #restarted = new Set<string>();

  heardRoute(route: PathName): void {
    if (!this.#restarted.has(route.neighbor)) this.#told.add(nameOf(route));
  }

  heardPeer({ address, isEstablished }: GobgpPeer): void {
    if (!isEstablished) this.#restarted.add(address);
  }

  /** Whether the watch has told nothing newer than this listed route. */
  isCurrent(route: PathName): boolean {
    return !this.#restarted.has(route.neighbor) && !this.#told.has(nameOf(route));
  }
}

function nameOf({ neighbor, pathId, prefix }: PathName): string {
  return `${neighbor} ${pathId} ${prefix}`;
}
