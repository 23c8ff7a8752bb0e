/**
 * The manager at the size of a full table: routes learned, flow lines taken in, and a tick from observation to difference.
 *
 *     node bench/manager.ts [--json] [--prefixes 1000000] [--measured 3000]
 *
 * Three border routers with a provider each; everything from seed 1. What is timed is our own code: no daemon, no wire, which
 * `bench/manager-lab.ts` has.
 */
import { parseArgs } from 'node:util';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import Value from 'typebox/value';
import { desiredPaths } from '../src/manager/announcer/announcer.ts';
import { contentOf, pathDifference } from '../src/manager/announcer/difference.ts';
import { type Collectors, WHOLE } from '../src/manager/collectors/collector.ts';
import { PmacctParser } from '../src/manager/collectors/pmacct.ts';
import { DecisionMaker } from '../src/manager/decision/decide.ts';
import { type DecisionSettings, DecisionSettingsSchema, pointLimits } from '../src/manager/decision/settings.ts';
import { INITIAL_STATE } from '../src/manager/decision/state.ts';
import { Observer } from '../src/manager/observer.ts';
import { SolverThread } from '../src/manager/solver/solver-thread.ts';
import type { FlowRecord } from '../src/manager/telemetry/flow-batch.ts';
import { addressWords } from '../src/manager/telemetry/ip-words.ts';
import { PrefixTrie } from '../src/manager/telemetry/prefix-trie.ts';
import { RouteTable } from '../src/manager/telemetry/route-table.ts';
import { addressAt, prefixAt } from './full-table.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    prefixes: { type: 'string', default: '1000000' },
    measured: { type: 'string', default: '3000' },
  },
});
const prefixCount = Number(values.prefixes);
const measuredCount = Math.min(prefixCount, Number(values.measured));
const POINTS = ['r1:up', 'r2:up', 'r3:up'];
const TICK_MS = 30_000;
/** As `run` has it by default. */
const SOLVE_LIMIT_MS = 1000;
const solveMs: number[] = [];
const LINE_COUNT = 200_000;
const LOOKUP_COUNT = 1_000_000;

const generator = xoroshiro128plus(1);
const below = (bound: number): number => (generator.next() >>> 0) % bound;
const report: Record<string, number> = {};
const timed = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await work();
  report[name] = performance.now() - start;
  return result;
};

const table = new RouteTable();
await timed('learnMs', () => {
  for (let k = 0; k < prefixCount; k++) {
    const asPath = [1000 + (k % 50), 2000 + (k % 5000), 30000 + (k % 20000)];
    for (let p = 0; p < POINTS.length; p++) {
      const route = {
        point: POINTS[p],
        nextHop: `192.0.2.${p + 1}`,
        origin: 'igp',
        med: null,
        communities: [],
      } as const;
      // As FRR does: every path of the table has an id of its own.
      table.set(`10.0.0.${p + 1}`, 1 + k, prefixAt(k), { ...route, asPath: p === 0 ? asPath : [...asPath, 40000 + p] });
    }
  }
});

const trie = new PrefixTrie(1);
await timed('trieBuildMs', () => {
  for (let k = 0; k < prefixCount; k++) trie.set(Uint32Array.of((0x01000000 + k * 256) >>> 0), 24, k);
});
report.trieMb = trie.byteCount / 1e6;
const addresses = Array.from({ length: LOOKUP_COUNT }, () =>
  Uint32Array.of((0x01000000 + below(prefixCount * 256)) >>> 0),
);
let sink = 0;
await timed('lookupMs', () => {
  for (const address of addresses) sink += trie.match(address);
});
report.lookupsPerSecond = (LOOKUP_COUNT * 1000) / report.lookupMs;

const exporters = new Map(POINTS.map((_, point) => [`10.0.0.${point + 1}`, [{ point, ifIndex: null }]]));
const lines = Array.from({ length: LINE_COUNT }, () =>
  JSON.stringify({
    event_type: 'purge',
    peer_ip_src: `10.0.0.${1 + below(3)}`,
    ip_dst: addressAt(below(prefixCount), 7),
    packets: 9,
    bytes: 9000,
  }),
);
const text = `${lines.join('\n')}\n`;
await timed('flowMs', () => {
  const parser = new PmacctParser(exporters);
  for (let at = 0; at < text.length; at += 65_536) {
    for (const { destination } of parser.push(text.slice(at, at + 65_536))) sink += addressWords(destination)?.[0] ?? 0;
  }
});
report.flowLinesPerSecond = (LINE_COUNT * 1000) / report.flowMs;

let flows: FlowRecord[] = [];
const loads = [0, 0, 0];
const collectors: Collectors = {
  routes: {
    table,
    installed: () => null,
    onLoss: () => {},
    onOwn: () => {},
    status: WHOLE,
    foreignCount: 0,
    lostCount: 0,
    rivals: [],
    refresh: async (atMs: number) => atMs,
    [Symbol.asyncDispose]: async () => {},
  },
  volumes: {
    take: async (atMs: number) => ({ records: flows, reports: [{ points: [0, 1, 2], arrivedAtMs: atMs }] }),
    malformedCount: 0,
    foreignCount: 0,
    [Symbol.asyncDispose]: async () => {},
  },
  interfaces: {
    read: async (atMs: number) =>
      POINTS.map((point, p) => ({ point, load: loads[p], sinceMs: atMs - TICK_MS, measuredAtMs: atMs })),
    malformedCount: 0,
    rebootCount: 0,
    lateCount: 0,
    lostCount: 0,
    [Symbol.asyncDispose]: async () => {},
  },
};
const settings: DecisionSettings = {
  ...(Value.Create(DecisionSettingsSchema) as DecisionSettings),
  overTicks: 1,
  ofTicks: 1,
  recoverTicks: 1,
  maxChanges: 10,
};
const observer = new Observer(collectors, {
  points: POINTS,
  bitsPerUnit: 1e6,
  timeConstantMs: 60_000,
  samplingRates: [1, 1, 1],
  idleLoads: [0, 0, 0],
  mostLoads: POINTS.map(() => Number.MAX_SAFE_INTEGER),
  flowLagMs: settings.flowLagMs,
  prefixCount: 3000,
});
await observer.observe(0, []);

// All leave at the first point, which is filled to 0.9: there is something to do.
const bytes = Array.from({ length: measuredCount }, (_, k) => Math.ceil(1e9 / (k + 10)));
const total = bytes.reduce((sum, one) => sum + one, 0);
const perSecond = (8 * total) / (TICK_MS * 1000);
loads[0] = perSecond;
const limits = pointLimits(
  POINTS.map((id) => ({ id, capacity: perSecond / 0.9, price: 0 })),
  settings,
);
flows = bytes.map((count, k) => ({
  point: 0,
  destination: addressAt(k, 7),
  bytes: count,
  packets: Math.ceil(count / 1000),
}));
await using solver = new SolverThread();
if (!(await solver.load())) throw new Error('the solver cannot be loaded');
const maker = new DecisionMaker(limits, settings, async (request) => {
  const start = performance.now();
  const answer = await solver.ask(request, SOLVE_LIMIT_MS);
  solveMs.push(performance.now() - start);
  return answer;
});
const tickStart = performance.now();
const observation = await timed('observeMs', async () => (await observer.observe(TICK_MS, []))!);
const decided = await timed('decideMs', () => maker.decide(INITIAL_STATE, observation));
const difference = await timed('differenceMs', () => {
  const held = new Map(decided.state.overrides.map(({ prefix }) => [prefix, 'before']));
  const desired = desiredPaths(decided.state.overrides, observation);
  sink += desired.reduce((sum, path) => sum + contentOf(path).length, 0);
  return pathDifference(desired, held);
});
solveMs.forEach((ms, at) => {
  report[`solve${at + 1}Ms`] = ms;
});
report.tickMs = performance.now() - tickStart;
report.rssMb = process.memoryUsage().rss / 1e6;
if (difference.announce.length === 0) throw new Error(`nothing was moved: ${decided.decision.activity}, ${sink}`);

const figures = {
  prefixCount,
  measuredCount,
  routeCount: table.routeCount,
  moved: difference.announce.length,
  ...report,
};
const rounded = Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10] as const);
process.stdout.write(
  values.json
    ? `${JSON.stringify(Object.fromEntries(rounded))}\n`
    : rounded.map(([name, value]) => `${name.padEnd(20)} ${value}\n`).join(''),
);
