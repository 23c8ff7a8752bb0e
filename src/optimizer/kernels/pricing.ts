/**
 * Pricing passes over one assignment instance in WebAssembly: the dual function of its relaxation, and who contests it.
 *
 *   L(λ) = Σ_r min_s (c_rs + λ_s p_rs) − Σ_s λ_s T_s
 *
 * Here only the sum over the jobs; the capacities are the caller's. Cost: O(arcs).
 */
import { EgressoError } from '../../errors.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { Kernels } from './kernels.ts';
import { type PricingFrame, pricingFrame } from './pricing-frame.ts';

/** A pricing pass with leads. Views of the kernel's memory: valid until its next call, not to be written. */
export interface LeadPass {
  /** The minima, summed in job order with compensation. */
  readonly total: number;
  /** Int32 [jobs], the chosen arc, or -1 for a job without arcs. */
  readonly bestArc: Int32Array;
  /** Float64 [jobs], by how much the second arc is worse: Infinity for a single arc, not a number without any. */
  readonly lead: Float64Array;
  /** Float64 [machines], weights of the chosen arcs, summed in job order. */
  readonly load: Float64Array;
}

/** Repeated passes over one instance, which is copied once. */
export class Pricing {
  readonly #planned: PricingFrame;
  readonly #machineCount: number;
  readonly #jobCount: number;
  #kernels: Kernels | null = new Kernels();

  constructor(instance: GapInstance) {
    this.#planned = pricingFrame(instance);
    this.#machineCount = instance.machineCount;
    this.#jobCount = instance.jobCount;
    this.#planned.fill(this.#loaded().load(this.#planned.frame));
  }

  /**
   * Each job takes argmin over its arcs of cost + λ · weight, the lowest arc where several tie.
   *
   * @param lambda Float64 [machines], finite.
   */
  runLeads(lambda: Float64Array): LeadPass {
    const { frame, ...at } = this.#planned;
    const kernels = this.#loaded();
    new Float64Array(kernels.buffer, at.lambda, lambda.length).set(lambda);
    const buffer = kernels.call('priceLeads', frame);
    return {
      total: new Float64Array(buffer, at.total, 1)[0],
      bestArc: new Int32Array(buffer, at.bestArc, this.#jobCount),
      lead: new Float64Array(buffer, at.lead, this.#jobCount),
      load: new Float64Array(buffer, at.load, this.#machineCount),
    };
  }

  /** Other costs from now on: Float64 [arcs], copied. */
  setCosts(costs: Float64Array): void {
    this.#planned.fillCosts(this.#loaded().buffer, costs);
  }

  /** Gives the memory back; no pass must be run afterwards. */
  dispose(): void {
    this.#kernels = null;
  }

  #loaded(): Kernels {
    if (this.#kernels === null) throw new EgressoError('INTERNAL', 'A pricing was run after it was disposed of.');
    return this.#kernels;
  }
}
