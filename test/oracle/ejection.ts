/** The ejection search as it is described in `assembly/ejection.ts`, in plain arrays: the kernel must be bit-equal. */
import type { EjectionRun, EjectionState, EjectionTables } from '../../src/optimizer/kernels/ejection.ts';

export function literalEjection(tables: EjectionTables, state: EjectionState, run: EjectionRun): boolean {
  const { instance, limit, candidates, width } = tables;
  const { jobCount, machineCount, machine, cost, weight } = instance;
  const { assignment } = state;
  const load = new Float64Array(machineCount);
  const jobsOn = Array.from({ length: machineCount }, (): number[] => []);
  let spent = 0;
  assignment.forEach((arc, job) => {
    spent += cost[arc];
    load[machine[arc]] += weight[arc];
    jobsOn[machine[arc]].push(job);
  });
  const draw = (count: number): number => {
    let x = state.random | 0;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    state.random = x >>> 0;
    return Math.floor((state.random * count) / 2 ** 32);
  };
  const penalty = (s: number, used: number): number =>
    used - limit[s] > 0 ? (used - limit[s]) * run.overloadPrice[s] : 0;
  const change = (job: number, arc: number): number => {
    const old = assignment[job];
    const [s, t] = [machine[old], machine[arc]];
    const left = penalty(s, load[s] - weight[old]) - penalty(s, load[s]);
    const entered = penalty(t, load[t] + weight[arc]) - penalty(t, load[t]);
    return cost[arc] - cost[old] + left + entered;
  };
  const relocate = (from: number, to: number): void => {
    load[machine[from]] -= weight[from];
    load[machine[to]] += weight[to];
  };
  const relist = (job: number, arc: number): void => {
    const jobs = jobsOn[machine[assignment[job]]];
    const last = jobs.pop() as number;
    if (last !== job) jobs[jobs.indexOf(job)] = last;
    assignment[job] = arc;
    jobsOn[machine[arc]].push(job);
  };
  let improved = false;
  for (let proposal = 0; proposal < run.proposals; proposal++) {
    const job = draw(jobCount);
    const arc = candidates[job * width + draw(width)];
    const old = assignment[job];
    if (arc < 0 || arc === old) continue;
    const shift = change(job, arc);
    relocate(old, arc);
    let best = { gain: 0, job: -1, arc: -1 };
    for (const other of jobsOn[machine[arc]]) {
      for (const candidate of candidates.subarray(other * width, (other + 1) * width)) {
        if (candidate < 0 || machine[candidate] === machine[arc]) continue;
        const gain = change(other, candidate);
        if (gain < best.gain) best = { gain, job: other, arc: candidate };
      }
    }
    if (!(shift + best.gain <= run.threshold)) {
      relocate(arc, old);
      continue;
    }
    spent += cost[arc] - cost[old];
    relist(job, arc);
    if (best.job >= 0) {
      const left = assignment[best.job];
      relocate(left, best.arc);
      spent += cost[best.arc] - cost[left];
      relist(best.job, best.arc);
    }
    if (spent < state.bestCost && load.every((one, s) => one <= limit[s])) {
      state.bestCost = spent;
      state.best.set(assignment);
      improved = true;
    }
  }
  return improved;
}
