import { EgressoError, type Fault } from '../errors.ts';
import { buildModel } from './build-model.ts';
import type { NetworkModel } from './network-model.ts';

/** What a valid model holds. Volumes and capacities are in `unit`; a capacity is null where a point is unlimited. */
export interface ModelSummary {
  readonly name: string | null;
  readonly unit: string;
  readonly routers: number;
  readonly points: number;
  readonly neighbors: number;
  readonly prefixes: number;
  readonly pairs: number;
  readonly advertisements: number;
  readonly sessions: number;
  readonly totalVolume: number;
  readonly totalIngressCapacity: number | null;
  readonly totalEgressCapacity: number | null;
  readonly modelHash: string;
}

export interface Validation {
  readonly valid: boolean;
  /** The first 1,000 faults; `errorCount` counts all. */
  readonly errors: readonly Fault[];
  readonly errorCount: number;
  /** Null where the model is not valid. */
  readonly summary: ModelSummary | null;
}

/** Tells the faults of a payload as a result rather than an error. */
export function validateModel(payload: unknown): Validation {
  try {
    return { valid: true, errors: [], errorCount: 0, summary: summarize(buildModel(payload)) };
  } catch (error) {
    if (!(error instanceof EgressoError) || error.code !== 'MODEL_INVALID') throw error;
    return { valid: false, errors: error.errors, errorCount: error.errorCount, summary: null };
  }
}

export function summarize(model: NetworkModel): ModelSummary {
  return {
    name: model.name,
    unit: model.unit,
    routers: model.routers.length,
    points: model.points.length,
    neighbors: model.neighbors.length,
    prefixes: model.prefixes.count,
    pairs: model.traffic.count,
    advertisements: model.advertisements.count,
    sessions: model.sessions.length,
    totalVolume: model.traffic.volume.reduce((sum, volume) => sum + volume, 0),
    totalIngressCapacity: finiteSum(model.points.map(({ ingressCapacity }) => ingressCapacity)),
    totalEgressCapacity: finiteSum(model.points.map(({ egressCapacity }) => egressCapacity)),
    modelHash: model.hash,
  };
}

function finiteSum(capacities: readonly number[]): number | null {
  const sum = capacities.reduce((total, capacity) => total + capacity, 0);
  return Number.isFinite(sum) ? sum : null;
}
