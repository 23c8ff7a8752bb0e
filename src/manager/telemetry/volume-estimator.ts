/**
 * Volume of each prefix at each point: an exponentially weighted moving average, with the error of sampling carried along.
 *
 * A record of b bytes in n sampled packets, one packet of s, stands for s·b bytes. Samples being independent, the variance of
 * that is s(s − 1)·Σ x² over the sampled packet sizes x (Duffield, Lund, Thorup 2005); a record has only their sum, and with
 * packets of its own mean size that is s(s − 1)·b²/n, from below. Rates of an interval Δt join the average with weight
 * α = 1 − exp(−Δt/τ): x ← (1 − α)·x + α·r, and the variance, of independent intervals, V ← (1 − α)²·V + α²·v.
 */
export class VolumeEstimator {
  readonly #pointCount: number;
  readonly #timeConstantMs: number;
  readonly #samplingRate: number;
  /** Float64 [prefix × point], bytes of the interval that runs. */
  #bytes = new Float64Array(0);
  /** Float64 [prefix × point], variance of these bytes. */
  #bytesVariance = new Float64Array(0);
  /** Float64 [prefix × point], bits per second. */
  #rate = new Float64Array(0);
  /** Float64 [prefix × point], (bits per second)². */
  #rateVariance = new Float64Array(0);
  #hasInterval = false;

  /** `timeConstantMs`: τ; 0 keeps the last interval alone. `samplingRate`: s, 1 for every packet. */
  constructor(pointCount: number, timeConstantMs: number, samplingRate: number) {
    this.#pointCount = pointCount;
    this.#timeConstantMs = timeConstantMs;
    this.#samplingRate = samplingRate;
  }

  /** `prefix`, `point`: numbers from 0. `bytes`, `packets`: as sampled. */
  add(prefix: number, point: number, bytes: number, packets: number): void {
    const cell = prefix * this.#pointCount + point;
    if (cell >= this.#bytes.length) this.#grow(prefix + 1);
    const s = this.#samplingRate;
    this.#bytes[cell] += s * bytes;
    this.#bytesVariance[cell] += packets > 0 ? (s * (s - 1) * bytes * bytes) / packets : 0;
  }

  /** Ends the interval. The first is the average as it stands. */
  close(intervalMs: number): void {
    const weight = this.#hasInterval && this.#timeConstantMs > 0 ? 1 - Math.exp(-intervalMs / this.#timeConstantMs) : 1;
    const kept = 1 - weight;
    const perSecond = 8000 / intervalMs;
    const [bytes, bytesVariance, rate, rateVariance] = [
      this.#bytes,
      this.#bytesVariance,
      this.#rate,
      this.#rateVariance,
    ];
    for (let cell = 0; cell < bytes.length; cell++) {
      rate[cell] = kept * rate[cell] + weight * perSecond * bytes[cell];
      rateVariance[cell] =
        kept * kept * rateVariance[cell] + weight * weight * perSecond * perSecond * bytesVariance[cell];
    }
    bytes.fill(0);
    bytesVariance.fill(0);
    this.#hasInterval = true;
  }

  /** Bits per second. */
  rate(prefix: number, point: number): number {
    return this.#rate[prefix * this.#pointCount + point] ?? 0;
  }

  /** (Bits per second)², of sampling alone. */
  variance(prefix: number, point: number): number {
    return this.#rateVariance[prefix * this.#pointCount + point] ?? 0;
  }

  /** Prefixes that there are cells for. */
  get prefixCount(): number {
    return this.#bytes.length / this.#pointCount;
  }

  #grow(prefixCount: number): void {
    const cellCount = Math.max(prefixCount, Math.ceil(this.prefixCount * 1.5), 64) * this.#pointCount;
    const grown = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(cellCount);
      to.set(from);
      return to;
    };
    this.#bytes = grown(this.#bytes);
    this.#bytesVariance = grown(this.#bytesVariance);
    this.#rate = grown(this.#rate);
    this.#rateVariance = grown(this.#rateVariance);
  }
}
