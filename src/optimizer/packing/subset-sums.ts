/**
 * The subsets of some weights with a given sum, one after the other, without a dead end: a table says which sums the weights
 * from any place on can still reach (dynamic programming; Trick 2003, "A dynamic programming approach for consistency and
 * propagation for knapsack constraints").
 *
 * Cost: O(weights · limit / 32) for the table, O(weights) from one subset to the next.
 */

/** A visitor that is shown what is taken; true ends the walk. */
export type SubsetVisitor = (isTaken: Uint8Array) => boolean;

export class SubsetSums {
  private readonly weights: Int32Array;
  private readonly limit: number;
  private readonly wordCount: number;
  /** Uint32 [weights + 1, words], bit s of row c: weights c, c + 1, … have a subset with sum s. */
  private readonly reached: Uint32Array;

  /** @param weights Int32, > 0; heaviest first leaves the fine choices to the end. @param limit greatest sum asked for. */
  constructor(weights: Int32Array, limit: number) {
    this.weights = weights;
    this.limit = limit;
    this.wordCount = (limit >>> 5) + 1;
    this.reached = new Uint32Array((weights.length + 1) * this.wordCount);
    this.reached[weights.length * this.wordCount] = 1;
    for (let c = weights.length - 1; c >= 0; c--) this.fillRow(c);
  }

  has(sum: number): boolean {
    return this.isReached(0, sum);
  }

  /** Shows every subset of sum `sum`, those first that keep to what is preferred longest; true where the visitor has ended it. */
  forEach(sum: number, prefersTaken: Uint8Array, visit: SubsetVisitor): boolean {
    const { weights } = this;
    const isTaken = new Uint8Array(weights.length);
    const tried = new Uint8Array(weights.length);
    const left = new Float64Array(weights.length + 1).fill(sum);
    let place = this.isReached(0, sum) ? 0 : -1;
    while (place >= 0) {
      if (place === weights.length) {
        if (visit(isTaken)) return true;
        place--;
      } else if (tried[place] === 2) {
        tried[place--] = 0;
      } else {
        const taken = tried[place]++ === 0 ? prefersTaken[place] : 1 - prefersTaken[place];
        const rest = left[place] - taken * weights[place];
        if (!this.isReached(place + 1, rest)) continue;
        isTaken[place] = taken;
        left[++place] = rest;
      }
    }
    return false;
  }

  private isReached(place: number, sum: number): boolean {
    if (sum < 0 || sum > this.limit) return false;
    return ((this.reached[place * this.wordCount + (sum >>> 5)] >>> (sum & 31)) & 1) === 1;
  }

  /** Row c: row c + 1, or that row moved up by the weight. */
  private fillRow(c: number): void {
    const { reached, wordCount } = this;
    const from = (c + 1) * wordCount;
    const to = c * wordCount;
    const words = this.weights[c] >>> 5;
    const bits = this.weights[c] & 31;
    for (let word = 0; word < wordCount; word++) {
      const low = word >= words ? reached[from + word - words] << bits : 0;
      const high = bits > 0 && word > words ? reached[from + word - words - 1] >>> (32 - bits) : 0;
      reached[to + word] = reached[from + word] | low | high;
    }
  }
}
