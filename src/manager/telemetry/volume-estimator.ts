/**
 * Volume of each prefix at each point: an exponentially weighted moving average, with the error of sampling carried along.
 *
 * A record of b bytes in n sampled packets, one packet of s, stands for s·b bytes. Samples being independent, the variance of
 * that is s(s − 1)·Σ x² over the sampled packet sizes x (Duffield, Lund, Thorup 2005); a record has only their sum, and with
 * packets of its own mean size that is s(s − 1)·b²/n, from below. Rates of an interval Δt join the average with weight
 * α = 1 − exp(−Δt/τ): x ← (1 − α)·x + α·r, and the variance, of independent intervals, V ← (1 − α)²·V + α²·v. Averages start
 * at nothing: x and V are divided by W and W², the weight W ← (1 − α)·W + α that a cell has had since its first bytes
 * (the bias correction of Adam, Kingma and Ba 2015).
 */
export class VolumeEstimator {
  readonly #pointCount: number;
  readonly #timeConstantMs: number;
  readonly #samplingRates: readonly number[];
  #cells = newCells(0);

  /** `timeConstantMs`: τ; 0 keeps the last interval alone. `samplingRates`: s by point, 1 for every packet. */
  constructor(timeConstantMs: number, samplingRates: readonly number[]) {
    this.#pointCount = samplingRates.length;
    this.#timeConstantMs = timeConstantMs;
    this.#samplingRates = samplingRates;
  }

  /** `prefix`, `point`: numbers from 0. `bytes`, `packets`: as sampled. */
  add(prefix: number, point: number, bytes: number, packets: number): void {
    const cell = prefix * this.#pointCount + point;
    if (cell >= this.#cells.bytes.length) this.#grow(prefix + 1);
    const s = this.#samplingRates[point];
    this.#cells.bytes[cell] += s * bytes;
    this.#cells.bytesVariance[cell] += packets > 0 ? (s * (s - 1) * bytes * bytes) / packets : 0;
  }

  /** Of the interval that runs. */
  pending(prefix: number, point: number): { readonly bits: number; readonly variance: number } {
    const cell = prefix * this.#pointCount + point;
    const { bytes, bytesVariance } = this.#cells;
    return { bits: 8 * (bytes[cell] ?? 0), variance: 64 * (bytesVariance[cell] ?? 0) };
  }

  /** Ends the interval of a point. */
  close(point: number, intervalMs: number): void {
    const weight = this.#timeConstantMs > 0 ? 1 - Math.exp(-intervalMs / this.#timeConstantMs) : 1;
    const kept = 1 - weight;
    const perSecond = 8000 / intervalMs;
    const { bytes, bytesVariance, latest, rate, rateVariance, weights } = this.#cells;
    for (let cell = point; cell < bytes.length; cell += this.#pointCount) {
      if (weights[cell] === 0 && bytes[cell] === 0) continue;
      latest[cell] = perSecond * bytes[cell];
      rate[cell] = kept * rate[cell] + weight * latest[cell];
      rateVariance[cell] =
        kept * kept * rateVariance[cell] + weight * weight * perSecond * perSecond * bytesVariance[cell];
      weights[cell] = kept * weights[cell] + weight;
      bytes[cell] = 0;
      bytesVariance[cell] = 0;
    }
  }

  /** The interval of a point that runs is none: what came in it is in no average. */
  drop(point: number): void {
    const { bytes, bytesVariance } = this.#cells;
    for (let cell = point; cell < bytes.length; cell += this.#pointCount) {
      bytes[cell] = 0;
      bytesVariance[cell] = 0;
    }
  }

  /** Bits per second. */
  rate(prefix: number, point: number): number {
    const cell = prefix * this.#pointCount + point;
    const weight = this.#cells.weights[cell] ?? 0;
    return weight === 0 ? 0 : this.#cells.rate[cell] / weight;
  }

  /** (Bits per second)², of sampling alone. */
  variance(prefix: number, point: number): number {
    const cell = prefix * this.#pointCount + point;
    const weight = this.#cells.weights[cell] ?? 0;
    return weight === 0 ? 0 : this.#cells.rateVariance[cell] / weight ** 2;
  }

  /** Bits per second of the last interval alone. */
  latest(prefix: number, point: number): number {
    return this.#cells.latest[prefix * this.#pointCount + point] ?? 0;
  }

  /** Prefixes that there are cells for. */
  get prefixCount(): number {
    return this.#cells.bytes.length / this.#pointCount;
  }

  #grow(prefixCount: number): void {
    const before = this.#cells;
    this.#cells = newCells(Math.max(prefixCount, Math.ceil(this.prefixCount * 1.5), 64) * this.#pointCount);
    for (const [name, values] of Object.entries(before)) this.#cells[name as keyof Cells].set(values);
  }
}

/** Float64 [prefix × point] each. */
interface Cells {
  /** Of the interval that runs. */
  readonly bytes: Float64Array;
  readonly bytesVariance: Float64Array;
  /** Bits per second, of the last interval. */
  readonly latest: Float64Array;
  /** Bits per second, and their variance, still to be divided by the weight. */
  readonly rate: Float64Array;
  readonly rateVariance: Float64Array;
  /** 0 before the first bytes. */
  readonly weights: Float64Array;
}

function newCells(count: number): Cells {
  return {
    bytes: new Float64Array(count),
    bytesVariance: new Float64Array(count),
    latest: new Float64Array(count),
    rate: new Float64Array(count),
    rateVariance: new Float64Array(count),
    weights: new Float64Array(count),
  };
}
