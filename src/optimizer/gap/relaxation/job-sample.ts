/**
 * Samples of jobs, each drawn with probability proportional to its weight and counted so many times that the sample
 * weighs what the jobs weigh (systematic sampling, Madow 1949). A job heavier than the distance of two draws is drawn
 * for certain and counts once: the giants of a heavy-tailed table are exact, and every other draw stands for the same
 * weight.
 *
 * Guarantee: the load that a set of jobs puts on a machine is met within one distance for every run of jobs. Cost:
 * O(jobs), a few times.
 */
import type { GapInstance } from '../../../problem/gap-instance.ts';

export interface JobSample {
  /** Int32 [drawn], ascending where the members are. */
  readonly jobs: Int32Array;
  /** Float64 [drawn] ≥ 1, how many times each one counts. */
  readonly multiple: Float64Array;
}

/** Rounds of the search for the distance between two draws; it only falls, and soon stands. */
const DISTANCE_ROUNDS = 8;

/**
 * @param weight Float64 [jobs] ≥ 0; a job without weight is never drawn.
 * @param members Int32, the jobs to draw from.
 * @param count about how many to draw; where there are no more members, all are drawn.
 */
export function sampleJobs(weight: Float64Array, members: Int32Array, count: number): JobSample {
  if (members.length <= count) return { jobs: members, multiple: new Float64Array(members.length).fill(1) };
  const distance = drawDistance(weight, members, count);
  const jobs = new Int32Array(members.length);
  const multiple = new Float64Array(members.length);
  let drawn = 0;
  let passed = distance / 2;
  for (let at = 0; at < members.length; at++) {
    const job = members[at];
    const own = weight[job];
    if (own < distance) {
      passed += own;
      if (passed < distance) continue;
      passed -= distance;
    }
    jobs[drawn] = job;
    multiple[drawn++] = Math.max(1, distance / own);
  }
  return { jobs: jobs.slice(0, drawn), multiple: multiple.slice(0, drawn) };
}

/** Weight between two draws, such that those heavier and the draws among the others come to `count`. */
function drawDistance(weight: Float64Array, members: Int32Array, count: number): number {
  let distance = Number.POSITIVE_INFINITY;
  for (let round = 0; round < DISTANCE_ROUNDS; round++) {
    let lighter = 0;
    let heavyCount = 0;
    for (let at = 0; at < members.length; at++) {
      const own = weight[members[at]];
      if (own >= distance) heavyCount++;
      else lighter += own;
    }
    // A quarter is left for the light ones, however many are heavy.
    const next = lighter / Math.max(count / 4, count - heavyCount);
    if (next >= distance * (1 - 1e-6)) break;
    distance = next;
  }
  return distance;
}

/** The drawn jobs with costs and weights as many times as they count. */
export function sampleInstance(instance: GapInstance, { jobs, multiple }: JobSample): GapInstance {
  const start = new Int32Array(jobs.length + 1);
  for (let at = 0; at < jobs.length; at++) {
    start[at + 1] = start[at] + instance.start[jobs[at] + 1] - instance.start[jobs[at]];
  }
  const machine = new Int32Array(start[jobs.length]);
  const cost = new Float64Array(machine.length);
  const weight = new Float64Array(machine.length);
  for (let at = 0; at < jobs.length; at++) {
    let arc = instance.start[jobs[at]];
    for (let copy = start[at]; copy < start[at + 1]; copy++, arc++) {
      machine[copy] = instance.machine[arc];
      cost[copy] = multiple[at] * instance.cost[arc];
      weight[copy] = multiple[at] * instance.weight[arc];
    }
  }
  return { ...instance, jobCount: jobs.length, start, machine, cost, weight };
}
