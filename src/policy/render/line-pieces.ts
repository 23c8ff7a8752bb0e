/** Lines in pieces: those of a table live no longer than their piece, so that the collector never has to carry them along. */

const PIECE = 256;

/** A line for each item, in order; a piece is several of them, with newlines in between. */
export function* linePieces<T>(items: readonly T[], lineOf: (item: T, at: number) => string): Generator<string> {
  for (let first = 0; first < items.length; first += PIECE) {
    yield items
      .slice(first, first + PIECE)
      .map((item, at) => lineOf(item, first + at))
      .join('\n');
  }
}
