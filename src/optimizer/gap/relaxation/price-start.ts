/**
 * Where the zoom on the prices begins: without a hint, at the optimum of a sample of the jobs, itself begun where a
 * smaller sample ascends; or around prices that are said to be near.
 *
 * Guarantee: none, the zoom gets there from anywhere. Cost: programs of the zoom's size and passes over the samples.
 */
import type { GapInstance } from '../../../problem/gap-instance.ts';
import { Pricing } from '../../kernels/pricing.ts';
import type { RunControl } from '../../run/run-control.ts';
import { sampleInstance, sampleJobs } from './job-sample.ts';
import { type Viewpoint, type ZoomProblem, zoom } from './price-zoom.ts';
import { ascendMachinePrices } from './subgradient-ascent.ts';

/** Jobs of the samples, for each machine. */
const ASCENT_JOBS = 80;
const ZOOM_JOBS = 640;
const ASCENT_PASSES = 150;
/** First step of a price and first window, in units of the prices. */
const FIRST_STEP = 1 / 8;
const FIRST_WINDOW = 1 / 4;
/** Around near prices so many jobs for each machine shall be contested. */
const NEAR_JOBS = 320;
const GLANCE = 4096;

export function seekViewpoint(problem: ZoomProblem, control: RunControl): Viewpoint {
  const { instance, capacity, ceiling, unitPrice } = problem;
  const n = capacity.length;
  const ascended = onSample(problem, ASCENT_JOBS * n, ({ pricing }) =>
    ascendMachinePrices(pricing, { capacity, ceiling, step: FIRST_STEP * unitPrice, passes: ASCENT_PASSES }),
  );
  const begin = { prices: ascended, window: FIRST_WINDOW * unitPrice };
  if (instance.jobCount <= 2 * ZOOM_JOBS * n) return begin;
  const { prices, window } = onSample(problem, ZOOM_JOBS * n, (sampled) =>
    zoom(sampled, begin, control, sampled.scale.length / 4),
  );
  return { prices, window: 2 * window };
}

/** A window around given prices, such that a program or two will do where they are near. */
export function viewpointAt({ scale, pricing, instance, capacity }: ZoomProblem, prices: Float64Array): Viewpoint {
  const { lead } = pricing.runLeads(prices);
  const stride = Math.ceil(instance.jobCount / GLANCE);
  const leads: number[] = [];
  for (let job = 0; job < instance.jobCount; job += stride) {
    if (scale[job] > 0 && lead[job] < Number.POSITIVE_INFINITY) leads.push(lead[job] / scale[job]);
  }
  leads.sort((a, b) => a - b);
  const share = Math.min(0.5, (NEAR_JOBS * capacity.length) / instance.jobCount);
  return { prices, window: leads[Math.floor(share * leads.length)] || 1 };
}

/** Float64 [jobs]. */
export function largestWeights({ jobCount, start, weight }: GapInstance): Float64Array {
  const scale = new Float64Array(jobCount);
  for (let job = 0; job < jobCount; job++) {
    for (let arc = start[job]; arc < start[job + 1]; arc++) if (weight[arc] > scale[job]) scale[job] = weight[arc];
  }
  return scale;
}

function onSample<T>(problem: ZoomProblem, count: number, use: (sampled: ZoomProblem) => T): T {
  const everyone = Int32Array.from({ length: problem.instance.jobCount }, (_, job) => job);
  const instance = sampleInstance(problem.instance, sampleJobs(problem.scale, everyone, count));
  const pricing = new Pricing(instance);
  try {
    return use({ ...problem, instance, pricing, scale: largestWeights(instance) });
  } finally {
    pricing.dispose();
  }
}
