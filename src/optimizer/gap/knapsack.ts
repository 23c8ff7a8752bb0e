/**
 * The 0/1 knapsack by dynamic programming over its capacity, whole weights.
 *
 *   max Σ v_j x_j   subject to   Σ w_j x_j ≤ T,   x ∈ {0, 1}
 *
 * Guarantee: the optimum. Cost: O(items · T) time, items · (T + 1) bytes, reused from call to call.
 */
export class Knapsack {
  private best = new Float64Array(0);
  private taken = new Uint8Array(0);

  /**
   * @param weight whole numbers ≥ 0; @param value any numbers: what is not worth anything stays out.
   * @returns value of the best load, and the places of its items, ascending; the list is the caller's.
   */
  solve(weight: ArrayLike<number>, value: ArrayLike<number>, capacity: number): { value: number; items: number[] } {
    const width = Math.floor(capacity) + 1;
    if (this.best.length < width) this.best = new Float64Array(width);
    if (this.taken.length < width * weight.length) this.taken = new Uint8Array(width * weight.length);
    const { best, taken } = this;
    best.fill(0, 0, width);
    taken.fill(0, 0, width * weight.length);
    for (let item = 0; item < weight.length; item++) {
      const [w, v] = [weight[item], value[item]];
      if (v <= 0 || w >= width) continue;
      for (let room = width - 1; room >= w; room--) {
        const other = best[room - w] + v;
        if (other <= best[room]) continue;
        best[room] = other;
        taken[item * width + room] = 1;
      }
    }
    const items: number[] = [];
    for (let item = weight.length - 1, room = width - 1; item >= 0; item--) {
      if (taken[item * width + room] === 0) continue;
      items.push(item);
      room -= weight[item];
    }
    return { value: best[width - 1], items: items.reverse() };
  }
}
