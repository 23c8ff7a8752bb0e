/**
 * Policy for whole tables: synthesis, rendering, reading back, proof.
 *
 *     node bench/policy.ts [--json]
 *
 * `ris`: the RIPE RIS table of examples/data (7 sessions) on the GÉANT topology with synthetic neighbors that send to every
 * prefix (`egresso demo` has 10), and the biggest-first plan. `wide`: 82,000 seeded prefixes, each advertised on about 28 of 35 sessions, and a plan at random. Times are wall clock and CPU (with the
 * collector's threads) of the same calls.
 */
import { importNetwork } from '../src/formats/import-network.ts';
import { buildModel } from '../src/model/build-model.ts';
import type { NetworkModel } from '../src/model/network-model.ts';
import { parseOptions } from '../src/model/options.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import type { Plan } from '../src/plan/plan.ts';
import { policyFor } from '../src/policy/policy.ts';
import { solveModel } from '../src/solve.ts';
import { Dice } from '../test/oracle/random-model.ts';

const REPETITIONS = 3;

interface Case {
  readonly name: string;
  readonly model: NetworkModel;
  readonly plan: Plan;
}

const cases = [() => risTable(2), () => risTable(10), wideTable];
const isJson = process.argv.includes('--json');
const reports: object[] = [];
for (const prepare of cases) {
  const { name, model, plan } = await prepare();
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  let result = policyFor(model, plan);
  for (let i = 0; i < REPETITIONS; i++) {
    const [begin, cpu] = [performance.now(), process.cpuUsage()];
    result = policyFor(model, plan);
    wallMs.push(performance.now() - begin);
    const { user, system } = process.cpuUsage(cpu);
    cpuMs.push((user + system) / 1000);
  }
  const { status, ruleCount, entryCount, entriesPerPrefix, routers } = result;
  const report = {
    name,
    status,
    prefixes: model.prefixes.count,
    pairs: model.traffic.count,
    advertisements: model.advertisements.count,
    minMs: Math.round(Math.min(...wallMs)),
    medianMs: Math.round(median(wallMs)),
    medianCpuMs: Math.round(median(cpuMs)),
    ruleCount,
    entryCount,
    entriesPerPrefix: Number(entriesPerPrefix.toFixed(3)),
    megabytes: Number((routers.reduce((sum, { byteCount }) => sum + byteCount, 0) / 1e6).toFixed(1)),
  };
  reports.push(report);
  if (!isJson) process.stdout.write(`${JSON.stringify(report)}\n`);
}
if (isJson) process.stdout.write(`${JSON.stringify(reports)}\n`);

async function risTable(neighbors: number): Promise<Case> {
  await loadSolver();
  const { payload } = await importNetwork({
    topology: 'examples/data/Geant2012.graphml',
    rib: 'examples/data/ris-rrc00-2000-01-11.bgpdump.txt.gz',
    settings: { seed: 1, neighbors },
  });
  const model = buildModel(payload);
  return {
    name: `ris, ${neighbors} neighbors`,
    model,
    plan: await solveModel(model, parseOptions({ method: 'biggest-first' })),
  };
}

async function wideTable(): Promise<Case> {
  const [prefixCount, sessionCount, neighborCount] = [82_000, 35, 3];
  const dice = new Dice(1);
  const routers = Array.from({ length: sessionCount }, (_, at) => ({
    id: `r${String(at).padStart(2, '0')}`,
    address: `192.0.2.${at + 1}`,
  }));
  const id = (at: number): string => routers[at % sessionCount].id;
  const links = routers.flatMap(({ id: from }, at) => [
    { from, to: id(at + 1), distance: dice.between(1, 20) },
    ...(at % 3 === 0 ? [{ from, to: id(at + 17), distance: dice.between(10, 30) }] : []),
  ]);
  const neighbors = Array.from({ length: neighborCount }, (_, h) => ({
    id: `A${h}`,
    asn: 65001 + h,
    ingress: [id(h), id(h + 2)],
  }));
  const prefixes = Array.from({ length: prefixCount }, (_, k) => {
    const prefix = `${11 + (k >> 16)}.${(k >> 8) & 255}.${k & 255}.0/24`;
    return { id: prefix, prefix };
  });
  const advertisements = prefixes.flatMap(({ prefix }, k) =>
    routers.flatMap(({ id: at }, s) =>
      dice.chance(80) || s === k % sessionCount
        ? [
            {
              prefix,
              at,
              peerAsn: 65100 + s,
              peerAddress: `198.51.100.${s + 1}`,
              asPath: [65100 + s, ...Array.from({ length: dice.between(1, 3) }, () => dice.between(70_000, 70_500))],
            },
          ]
        : [],
    ),
  );
  const traffic = prefixes.flatMap(({ id: prefix }, k) =>
    neighbors.slice(0, 1 + (k % 2)).map(({ id: neighbor }) => ({ neighbor, prefix, volume: 1 })),
  );
  const model = buildModel({ version: 1, asn: 64500, routers, links, neighbors, prefixes, advertisements, traffic });
  const { egressStart, egressPoint } = model.prefixes;
  const assignments: Plan['assignments'] = [];
  for (let k = 0; k < model.prefixes.count; k++) {
    const egress = model.points[dice.pick(Array.from(egressPoint.subarray(egressStart[k], egressStart[k + 1])))].id;
    for (let pair = model.traffic.start[k]; pair < model.traffic.start[k + 1]; pair++) {
      const neighbor = model.neighbors[model.traffic.neighbor[pair]];
      const ingress = model.points[dice.pick(Array.from(neighbor.ingress))].id;
      assignments.push({ neighbor: neighbor.id, prefix: model.prefixes.ids[k], ingress, egress });
    }
  }
  return { name: 'wide', model, plan: { modelHash: model.hash, variant: 'ses', assignments } as Plan };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
