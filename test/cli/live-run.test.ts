/** `egresso run` on a network: what it says before its first decision, and when it is interrupted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gobgpSpeaker } from '../../src/manager/announcer/gobgp-announcer.ts';
import { INITIAL_STATE } from '../../src/manager/decision/state.ts';
import { keepInstance } from '../../src/manager/instance.ts';
import { saveState } from '../../src/manager/state-file.ts';
import { FakeGobgp } from '../manager/gobgp/fake-gobgp.ts';
import { route } from '../manager/simulation.ts';
import { type Outcome, type ProcessOptions, runHere, runProcess, STACK_TRACE } from './run-cli.ts';

const PREFIX = '10.0.0.0/24';
const TICK_MS = 200;
const BETWEEN_INTERRUPTS_MS = 600;

let data: string;
let config: string;
let gobgp: FakeGobgp;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'egresso-live-'));
  config = join(data, 'config.json');
  gobgp = await FakeGobgp.start();
  const point = { id: 'a', capacity: 1000, nextHops: ['192.0.2.1'] };
  const text = {
    tickMs: TICK_MS,
    points: [{ ...point, exporter: '10.1.0.1', agent: '127.0.0.1', interface: 'eth0' }],
    decision: { flowLagMs: TICK_MS },
    gobgp: { address: gobgp.address },
    pmacct: { file: 'flows.jsonl' },
    snmp: { port: 1, timeoutMs: 20 },
    api: { port: 0 },
  };
  writeFileSync(config, JSON.stringify(text));
});

afterEach(async () => {
  await gobgp[Symbol.asyncDispose]();
  rmSync(data, { recursive: true });
});

/** As a process, which is interrupted once it has said something on stdout; `isUrgent`: again and again until it ends. */
async function interruptedOn(said: RegExp, flags: readonly string[], isUrgent = false): Promise<Outcome> {
  let [isInterrupted, again] = [false, setTimeout(() => {}, 0)];
  const onOutput: ProcessOptions['onOutput'] = ({ stdout }, kill) => {
    if (isInterrupted || !said.test(stdout)) return;
    isInterrupted = true;
    kill('SIGINT');
    if (isUrgent) again = setInterval(() => kill('SIGINT'), BETWEEN_INTERRUPTS_MS);
  };
  try {
    return await runProcess(['run', config, '--data', data, ...flags], { onOutput });
  } finally {
    clearInterval(again);
  }
}

function linesOf({ stdout }: Outcome): unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

it('says that GoBGP does not answer, and that it has ended', async () => {
  await gobgp[Symbol.asyncDispose]();
  const outcome = await interruptedOn(/"idle":"routes".*ECONNREFUSED/, []);
  const lines = linesOf(outcome);
  const error = expect.stringContaining(`GoBGP at ${gobgp.address}: `);
  expect(lines[0]).toMatchObject({ idle: 'routes', routes: { state: 'connecting', error } });
  expect(lines.at(-1)).toMatchObject({ end: 'interrupted', withdrawnCount: 0, totals: { tickCount: 0 } });
  expect([outcome.code, outcome.stderr]).toEqual([
    130,
    expect.stringMatching(/^Interrupted: nothing was announced\.\n0 ticks/m),
  ]);
});

it('says what an interrupt has withdrawn', async () => {
  const instance = keepInstance(join(data, 'instance'));
  using before = gobgpSpeaker(
    { address: gobgp.address, localPref: 1000, community: '64512:7040', noExport: false },
    { instance, scope: 'own' },
  );
  await before.announce([{ ...route('a'), prefix: PREFIX, leaseUntilMs: 0 }]);
  const atMs = Date.now();
  const override = {
    prefix: PREFIX,
    from: 'b',
    to: 'a',
    plain: 'b',
    reason: 'relieve',
    sinceMs: atMs,
    leaseUntilMs: atMs + 3_600_000,
    phase: 'verified',
    pendingTicks: 0,
  } as const;
  saveState(join(data, 'manager-state.json'), { ...INITIAL_STATE, tick: 7, atMs, overrides: [override] });
  const outcome = await runHere(['run', config, '--announce', '--data', data], { interruptOn: /listens on/ });
  expect([outcome.code, gobgp.own]).toEqual([130, []]);
  const change = { action: 'withdraw', prefix: PREFIX, reason: 'operator' };
  expect(linesOf(outcome).slice(-2)).toMatchObject([
    { tick: 8, changes: [change], overrideCount: 0 },
    { end: 'interrupted', withdrawnCount: 1, totals: { withdrawalCount: 1 } },
  ]);
  expect(outcome.stderr).toMatch(/^Interrupted: 1 override withdrawn\.\n1 tick: .*1 withdrawal\.\n/m);
});

it('says what a second interrupt may leave in BGP, and how to take it out', async () => {
  await gobgp[Symbol.asyncDispose]();
  const { code, stderr } = await interruptedOn(/ECONNREFUSED/, ['--announce'], true);
  const advice = `egresso withdraw ${config} --data ${data} takes them out`;
  expect([code, stderr.trimEnd().split('\n').at(-1)]).toEqual([
    130,
    `egresso: INTERRUPTED: ended at once: overrides may be left in BGP; ${advice}`,
  ]);
  expect(stderr).not.toMatch(STACK_TRACE);
});

it('says that it is paused, and how that ends', async () => {
  const pause = join(data, 'paused');
  writeFileSync(pause, 'paused\n');
  const outcome = await interruptedOn(/"idle":"paused"/, ['--announce']);
  expect([outcome.code, outcome.stderr]).toEqual([
    130,
    expect.stringContaining(`paused: POST /v1/manager/resume, or delete ${pause}.`),
  ]);
  expect(linesOf(outcome)[0]).toMatchObject({ idle: 'paused' });
});
