/**
 * How the loads of many light prefixes answer to prices, and what it costs to have them elsewhere (one egress a prefix).
 *
 * At temperature τ a prefix of volume v takes choice a in proportion to exp(−value_a / (τ v)), and of each pair the ingresses
 * likewise. Then ∂load/∂prices = −H with H = Σ_k cov_k(load) / (τ v_k), symmetric and ≥ 0, and loads that are to differ by Δ
 * from those at the prices cost ½ Δ·H⁻¹Δ more than the prices say: the second-order model of the convex function that the
 * relaxation of the light prefixes is of the room which the others leave.
 *
 * No guarantee: a model. Cost: O(pairs · |Out| · |In|²) over a sample of the prefixes, and O(sides³).
 */
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import { checkStop, type RunControl } from '../run/run-control.ts';
import { SquareMatrix } from './square-matrix.ts';

/** So many of the prefixes count, the first quarter of them the heaviest, the others for their like. */
const SAMPLE = 40_000;
/** Share of the mean diagonal of H that is added to it: all prices of a kind may rise together without an answer. */
const RIDGE = 1e-3;
/** Probabilities below are left out. */
const LEAST_PROBABILITY = 1e-4;
/** Prefixes between two questions whether to go on. */
const CHECKED = 2048;

export interface LoadResponse {
  /** Int32 [2n], place of each side that has a price among those, -1 for the others. */
  readonly placeOf: Int32Array;
  /** Int32 [priced sides]. */
  readonly priced: Int32Array;
  /** H⁻¹ over the priced sides. */
  readonly curvature: SquareMatrix;
  /** Float64 [2n], expected loads of the light prefixes. */
  readonly load: Float64Array;
}

/**
 * @param list Int32, the light prefixes, heaviest first.
 * @throws Interruption
 */
export function loadResponse(
  problem: Problem,
  prices: Float64Array,
  list: Int32Array,
  { temperature, control }: { readonly temperature: number; readonly control: RunControl },
): LoadResponse {
  const answers = new Answers(problem, prices, temperature);
  const whole = Math.min(list.length, SAMPLE >> 2);
  const stride = Math.max(1, Math.ceil((list.length - whole) / (SAMPLE - whole)));
  for (let at = 0, added = 0; at < list.length; at += at < whole ? 1 : stride, added++) {
    if (added % CHECKED === CHECKED - 1) checkStop(control);
    answers.add(list[at], at < whole ? 1 : stride);
  }
  const { placeOf, priced, response, load } = answers;
  return { placeOf, priced, load, curvature: response.ridged(RIDGE).inverse() };
}

/** Float64 [2n], expected loads of the prefixes at the temperature. */
export function expectedLoad(
  problem: Problem,
  prices: Float64Array,
  list: Int32Array,
  temperature: number,
): Float64Array {
  const answers = new Answers(problem, prices, temperature);
  for (const k of list) answers.add(k, 1);
  return answers.load;
}

/** Loads of one choice: sides and amounts, a side more than once where several pairs use it. */
interface Loads {
  readonly side: number[];
  readonly amount: number[];
}

class Answers {
  readonly placeOf: Int32Array;
  readonly priced: Int32Array;
  readonly response: SquareMatrix;
  readonly load: Float64Array;
  private readonly problem: Problem;
  private readonly prices: Float64Array;
  private readonly temperature: number;
  /** Float64 [priced sides]; 0 but while a prefix is added. */
  private readonly mean: Float64Array;

  constructor(problem: Problem, prices: Float64Array, temperature: number) {
    this.problem = problem;
    this.prices = prices;
    this.temperature = temperature;
    this.placeOf = new Int32Array(prices.length).fill(-1);
    this.priced = Int32Array.from(prices.keys()).filter((side) => prices[side] > 0);
    this.priced.forEach((side, place) => {
      this.placeOf[side] = place;
    });
    this.response = new SquareMatrix(this.priced.length);
    this.load = new Float64Array(prices.length);
    this.mean = new Float64Array(this.priced.length);
  }

  /** Counts the prefix so many times. */
  add(k: number, times: number): void {
    const { pairStart, pairVolume, egressStart } = this.problem;
    let volume = 0;
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) volume += pairVolume[pair];
    if (volume === 0) return;
    const heat = this.temperature * volume;
    const choices: { value: number; loads: Loads; slot: number }[] = [];
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      const loads: Loads = { side: [], amount: [] };
      const value = this.valueOf(k, slot, loads);
      if (value < Number.POSITIVE_INFINITY) choices.push({ value, loads, slot });
    }
    const least = choices.reduce((least, { value }) => Math.min(least, value), Number.POSITIVE_INFINITY);
    const weights = choices.map(({ value }) => Math.exp((least - value) / heat));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    const met: number[] = [];
    choices.forEach(({ loads, slot }, at) => {
      const probability = weights[at] / whole;
      if (probability < LEAST_PROBABILITY) return;
      this.addOuter(loads, (times * probability) / heat);
      for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++)
        this.spreadIngress(pair, slot, times * probability);
      loads.side.forEach((side, place) => {
        this.load[side] += times * probability * loads.amount[place];
        const own = this.placeOf[side];
        const amount = probability * loads.amount[place];
        // A side that is met with nothing would be met again, and count twice.
        if (own < 0 || amount === 0) return;
        if (this.mean[own] === 0) met.push(own);
        this.mean[own] += amount;
      });
    });
    for (const a of met) for (const b of met) this.response.add(a, b, (-times * this.mean[a] * this.mean[b]) / heat);
    for (const a of met) this.mean[a] = 0;
  }

  /** Softmin over the ingresses of every pair; writes the expected loads. */
  private valueOf(k: number, slot: number, loads: Loads): number {
    const { pairStart, pairVolume, egressPoint, pointCount } = this.problem;
    const egress = pointCount + egressPoint[slot];
    let total = 0;
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      const { value, points, shares } = this.ingressesOf(pair, slot);
      const volume = pairVolume[pair];
      total += volume * value;
      loads.side.push(egress);
      loads.amount.push(volume);
      points.forEach((point, at) => {
        loads.side.push(point);
        loads.amount.push(volume * shares[at]);
      });
    }
    return total;
  }

  private ingressesOf(pair: number, slot: number): { value: number; points: number[]; shares: number[] } {
    const { problem, prices, temperature } = this;
    const { ingressStart, ingressPoint, pairNeighbor, pointCount, egressPoint } = problem;
    const h = pairNeighbor[pair];
    const points: number[] = [];
    const units: number[] = [];
    for (let at = ingressStart[h]; at < ingressStart[h + 1]; at++) {
      const point = ingressPoint[at];
      if (!isAllowed(problem, pair, point, slot)) continue;
      points.push(point);
      units.push(unitCost(problem, pair, point, slot) + prices[point] + prices[pointCount + egressPoint[slot]]);
    }
    const least = units.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
    if (points.length === 0) return { value: least, points, shares: [] };
    const weights = units.map((unit) => Math.exp((least - unit) / temperature));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    return { value: least - temperature * Math.log(whole), points, shares: weights.map((weight) => weight / whole) };
  }

  private addOuter({ side, amount }: Loads, times: number): void {
    const { placeOf, response } = this;
    for (let one = 0; one < side.length; one++) {
      const a = placeOf[side[one]];
      if (a < 0) continue;
      for (let other = 0; other < side.length; other++) {
        const b = placeOf[side[other]];
        if (b >= 0) response.add(a, b, times * amount[one] * amount[other]);
      }
    }
  }

  /** What the ingresses of a pair add by themselves: their covariance at a given egress. */
  private spreadIngress(pair: number, slot: number, times: number): void {
    const { placeOf, response, temperature } = this;
    const { points, shares } = this.ingressesOf(pair, slot);
    const weight = (times * this.problem.pairVolume[pair]) / temperature;
    points.forEach((one, a) => {
      if (placeOf[one] < 0) return;
      points.forEach((other, b) => {
        if (placeOf[other] < 0) return;
        response.add(placeOf[one], placeOf[other], weight * (Number(a === b) * shares[a] - shares[a] * shares[b]));
      });
    });
  }
}
