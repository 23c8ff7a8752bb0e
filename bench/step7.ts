/**
 * What does valuing moves incrementally gain over FIG. 4 read literally?
 *
 *   node bench/step7.ts [--json] [--small]
 *
 * The literal loop values every candidate by compute_egress over the whole instance. That takes hours here, so it is
 * timed on some candidates and multiplied by the number that the loop would value; `plain` is what it is: an estimate.
 */
import { moveValues, step7 } from '../src/optimizer/kernels/kernels.ts';
import type { Step7Instance } from '../src/optimizer/kernels/step7-instance.ts';
import { initialState, moved } from '../test/oracle/step7.ts';
import { uniform } from './instances.ts';
import { environment } from './measure.ts';

const small = process.argv.includes('--small');
const PREFIXES = small ? 100 : 2000;
const NEIGHBORS = 20;
const POINTS = 30;
const LITERAL_CANDIDATES = small ? 50 : 200;
const RUNS = 7;

const { instance, open } = build();
const slotCount = open.length;
const egress = new Int32Array(instance.pairCount);
const times: number[] = [];
let result = { moves: 0, deletes: 0, inserts: 0 };
for (let run = 0; run < RUNS; run++) {
  const sets = open.slice();
  const begin = performance.now();
  result = step7(instance, sets, egress);
  times.push(performance.now() - begin);
}
times.sort((a, b) => a - b);

const state = initialState(instance, open);
const expected = new Map(moveValues(instance, open).map((value) => [value.slot, value]));
let literalMs = 0;
let agreed = 0;
for (let c = 0; c < LITERAL_CANDIDATES; c++) {
  const slot = Math.floor((c * slotCount) / LITERAL_CANDIDATES);
  const begin = performance.now();
  const { costDelta, overloadDelta } = moved(instance, state, slot);
  literalMs += performance.now() - begin;
  const value = expected.get(slot);
  if (!value) continue;
  if (!Object.is(value.costDelta, costDelta) || !Object.is(value.overloadDelta, overloadDelta)) {
    throw new Error(`Slot ${slot}: the kernel and the literal loop disagree.`);
  }
  agreed++;
}
// Every slot is one candidate, looked at once per move and once more to find that there is no further move.
const candidates = slotCount * (result.moves + 1);
const estimateMs = (literalMs / LITERAL_CANDIDATES) * candidates;

const report = {
  environment: environment(),
  workload: { prefixes: PREFIXES, neighbors: NEIGHBORS, points: POINTS, slots: slotCount, ...result },
  kernel: { minMs: times[0], medianMs: times[RUNS >> 1], runs: RUNS, copies: 'included' },
  plain: { perCandidateMs: literalMs / LITERAL_CANDIDATES, timed: LITERAL_CANDIDATES, agreed, candidates, estimateMs },
  ratio: estimateMs / times[0],
};
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} else {
  process.stdout.write(
    `${Object.values(report.environment).join(', ')}\n\n` +
      `Step 7, ${PREFIXES} prefixes × ${NEIGHBORS} neighbors × ${POINTS} points, ${slotCount} slots: ` +
      `${result.deletes} deletes, ${result.inserts} inserts\n` +
      `  kernel   min ${times[0].toFixed(2)} ms, median ${times[RUNS >> 1].toFixed(2)} ms of ${RUNS}, copies included\n` +
      `  literal  ${report.plain.perCandidateMs.toFixed(2)} ms per candidate, timed on ${LITERAL_CANDIDATES}; ` +
      `${candidates} candidates would take ${(estimateMs / 1000).toFixed(0)} s (estimate)\n` +
      `  ratio    ${report.ratio.toFixed(0)}\n`,
  );
}

/** Points on a plane, 8 possible egresses per prefix, volumes with a long tail, room for 1.15 times the traffic. */
function build(): { instance: Step7Instance; open: Uint8Array } {
  const random = uniform(5);
  const x = Float64Array.from({ length: POINTS }, random);
  const y = Float64Array.from({ length: POINTS }, random);
  const distance = new Float64Array(POINTS * POINTS);
  const rank = new Int32Array(POINTS * POINTS);
  for (let i = 0; i < POINTS; i++) {
    for (let j = 0; j < POINTS; j++) distance[i * POINTS + j] = Math.hypot(x[i] - x[j], y[i] - y[j]) * 100;
    const row = Array.from({ length: POINTS }, (_, j) => j);
    row.sort((a, b) => distance[i * POINTS + a] - distance[i * POINTS + b]);
    row.forEach((j, place) => {
      rank[i * POINTS + j] = place;
    });
  }
  const home = Int32Array.from({ length: NEIGHBORS }, () => Math.floor(random() * POINTS));
  const egressPoint: number[] = [];
  const egressStart = [0];
  const pairStart = [0];
  const pairIngress: number[] = [];
  const pairVolume: number[] = [];
  for (let k = 0; k < PREFIXES; k++) {
    const out = new Set<number>();
    while (out.size < 8) out.add(Math.floor(random() * POINTS));
    egressPoint.push(...Array.from(out).sort((a, b) => a - b));
    egressStart.push(egressPoint.length);
    for (let h = 0; h < NEIGHBORS; h++) {
      pairIngress.push(home[h]);
      pairVolume.push(1 / (0.01 + random()));
    }
    pairStart.push(pairIngress.length);
  }
  const total = pairVolume.reduce((sum, volume) => sum + volume, 0);
  const open = new Uint8Array(egressPoint.length);
  for (let k = 0; k < PREFIXES; k++) {
    for (let e = 0; e < 3; e++) open[egressStart[k] + Math.floor(random() * 8)] = 1;
  }
  const instance: Step7Instance = {
    pointCount: POINTS,
    prefixCount: PREFIXES,
    pairCount: pairIngress.length,
    distance,
    rank,
    routerOf: Int32Array.from({ length: POINTS }, (_, j) => j),
    egressStart: Int32Array.from(egressStart),
    egressPoint: Int32Array.from(egressPoint),
    slotCost: new Float64Array(egressPoint.length),
    pairStart: Int32Array.from(pairStart),
    pairIngress: Int32Array.from(pairIngress),
    pairVolume: Float64Array.from(pairVolume),
    eligible: null,
    currentSlot: null,
    changeUnit: null,
    limit: new Float64Array(POINTS).fill((1.15 * total) / POINTS),
  };
  return { instance, open };
}
