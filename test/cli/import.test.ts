import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixture, runHere, STACK_TRACE } from './run-cli.ts';

const FILES = ['--topology', fixture('topology/Abilene.graphml'), '--rib', fixture('bgp/ris-excerpt.bgpdump.txt')];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'egresso-'));
});

afterAll(() => rm(folder, { recursive: true }));

it('makes a model that is valid and can be solved', async () => {
  const path = join(folder, 'model.json');
  const { code, stdout } = await runHere(['import', ...FILES, '--top', '20', '--neighbors', '3', '-o', path]);
  expect(code).toBe(0);
  expect(stdout).toBe('');
  const { stdout: validation } = await runHere(['validate', '--json', path]);
  expect(JSON.parse(validation)).toMatchObject({ valid: true, summary: { neighbors: 3, prefixes: 20 } });
  const { stdout: plan } = await runHere(['solve', '--json', '--time-limit', '5', path]);
  expect(JSON.parse(plan)).toMatchObject({ variant: 'ses', unit: 'Mbit/s' });
});

it('writes the same model to stdout, from stdin, and as msgpack', async () => {
  const { stdout } = await runHere(['import', ...FILES, '--seed', '3']);
  const input = await readFile(FILES[3]);
  const fromStdin = await runHere(['import', ...FILES.slice(0, 3), '-', '--seed', '3'], { input });
  const { routers, traffic } = JSON.parse(stdout);
  expect(JSON.parse(fromStdin.stdout)).toMatchObject({ routers, traffic });

  const path = join(folder, 'model.msgpack');
  const { code } = await runHere(['import', ...FILES, '--seed', '3', '-o', path]);
  expect(code).toBe(0);
  const hashes = await Promise.all(
    [[path], ['-']].map(async ([model]) => {
      const { stdout: answer } = await runHere(['validate', '--json', model], { input: stdout });
      return JSON.parse(answer).summary.modelHash;
    }),
  );
  expect(hashes[0]).toBe(hashes[1]);
});

it('says on stderr what it made up or left out', async () => {
  const { stderr } = await runHere(['import', ...FILES, '--top', '5', '-o', join(folder, 'reported.json')]);
  expect(stderr).toMatch(/^Prefixes kept, those of most volume: 5 of \d+\.$/m);
});

it('hands its settings on', async () => {
  const flags = ['--name', 'n', '--asn', '65001', '--unit', 'Gbit/s', '--ingress-points', '2', '--total', '500'];
  const { stdout } = await runHere(['import', ...FILES, ...flags, '--zipf', '1', '--slack', '0.5', '--interfaces']);
  const model = JSON.parse(stdout);
  expect(model).toMatchObject({ name: 'n', asn: 65001, unit: 'Gbit/s' });
  expect(model.interfaces.length).toBeGreaterThan(0);
  expect(model.metadata.synthetic).toMatchObject({
    neighbors: { ingressPoints: [2, 2] },
    traffic: { totalVolume: 500, prefixExponent: 1 },
    capacities: { slack: 0.5 },
  });
});

it.each([
  ['settings out of bounds', ['--neighbors', '0'], 'OPTIONS_INVALID', '/neighbors'],
  ['no topology', ['--topology', fixture('bgp/ris-excerpt.bgpdump.txt')], 'FORMAT_INVALID', ''],
  ['no table', ['--rib', fixture('topology/Abilene.graphml')], 'FORMAT_INVALID', ''],
  ['a missing file', ['--traffic', fixture('nowhere.csv')], 'FILE_UNREADABLE', 'nowhere.csv'],
])('%s ends with 2', async (_name, flags, code, place) => {
  const outcome = await runHere(['import', ...FILES, ...flags]);
  expect(outcome.code).toBe(2);
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).toMatch(new RegExp(`^egresso: ${code}: `));
  expect(outcome.stderr).toContain(place);
  expect(outcome.stderr).not.toMatch(STACK_TRACE);
});
