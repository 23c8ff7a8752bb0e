import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBody, encodeBody } from '../../src/formats/codec.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { EXAMPLE, runHere, STACK_TRACE } from './run-cli.ts';

let folder: string;
let example: { routers: { ingressCapacity: number }[] } & Record<string, unknown>;
let packed: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'egresso-'));
  example = JSON.parse(await readFile(EXAMPLE, 'utf8'));
  packed = encodeBody(example, 'application/msgpack');
  const tight = structuredClone(example);
  for (const router of tight.routers) router.ingressCapacity = Math.min(router.ingressCapacity, 40);
  await writeFile(join(folder, 'tight.json'), JSON.stringify(tight));
  await writeFile(join(folder, 'model.msgpack'), packed);
  await writeFile(join(folder, 'model.msgpack.gz'), gzipSync(packed));
  await writeFile(join(folder, 'model.json.gz'), gzipSync(await readFile(EXAMPLE)));
  await writeFile(join(folder, 'model'), packed);
  await writeFile(join(folder, 'marked'), `\ufeff${JSON.stringify(example)}`);
});

afterAll(() => rm(folder, { recursive: true }));

async function planOf(argv: readonly string[], input?: string | Uint8Array): Promise<Plan> {
  const { code, stdout, stderr } = await runHere(['solve', '--json', ...argv], input === undefined ? {} : { input });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout.endsWith('\n')).toBe(true);
  return JSON.parse(stdout) as Plan;
}

describe('Example 1 of the patent', () => {
  it.each([
    ['ses', 1850],
    ['mes', 1250],
  ])('%s costs %d', async (variant, cost) => {
    const plan = await planOf([EXAMPLE, '--variant', variant]);
    expect(plan).toMatchObject({ status: 'optimal', variant, cost });
    const { code, stdout, stderr } = await runHere(['solve', EXAMPLE, '--variant', variant]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Status +optimal/m);
    expect(stdout).toMatch(new RegExp(`^Cost +${cost.toLocaleString('en-US')}$`, 'm'));
    expect(stdout).toMatch(/^Overload +none$/m);
    expect(stdout).toMatch(/^b2 +55 \/ 60 +91\.67 %/m);
    expect(stdout).toMatch(/^alternating +\d/m);
    expect(stderr).toMatch(/^Solved in \d+\.\d+ s\.\n$/);
  });

  it('gives the same bytes every time', async () => {
    const runs = await Promise.all([1, 2].map(() => runHere(['solve', EXAMPLE])));
    expect(runs[0].stdout).toBe(runs[1].stdout);
  });

  it('hands every option on', async () => {
    const { stdout } = await runHere([
      ...['solve', EXAMPLE, '--json', '--variant', 'mes', '--method', 'alternating', '--time-limit', '7.5'],
      ...['--gap-target', '0.5', '--iterations', '3', '--seed', '7', '--threshold', '0.99', '--change-cost', '2'],
    ]);
    const expected = { variant: 'mes', method: 'alternating', seed: 7, threshold: 0.99, changeCost: 2 };
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });
});

describe('the model', () => {
  it.each(['model.msgpack', 'model.msgpack.gz', 'model.json.gz', 'model', 'marked'])('from %s', async (name) => {
    expect((await planOf([join(folder, name)])).cost).toBe(1850);
  });

  it('from stdin, as JSON, msgpack or gzip', async () => {
    for (const input of [JSON.stringify(example), packed, gzipSync(packed)]) {
      expect((await planOf(['-'], input)).cost).toBe(1850);
    }
  });

  it.each([
    ['cut off', '{"version": 1,'],
    ['empty', ''],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['random bytes', Buffer.from([0xc1, 0xc1, 0x00, 0x13, 0x37])],
    ['cut-off msgpack', Buffer.from([0x82, 0xa7, 0x76])],
  ])('that is %s ends with 2 and names the input', async (_name, input) => {
    const { code, stdout, stderr } = await runHere(['solve', '-'], { input });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^egresso: BODY_MALFORMED: standard input: .+\n/);
    expect(stderr).not.toMatch(STACK_TRACE);
  });

  it('that is not to be had ends with 2', async () => {
    for (const path of [join(folder, 'nowhere.json'), folder]) {
      const { code, stderr } = await runHere(['solve', path]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^egresso: FILE_UNREADABLE: .+\n$/);
      expect(stderr).toContain(path);
    }
  });

  it('that is damaged gzip ends with 2', async () => {
    const { code, stderr } = await runHere(['solve', '-'], { input: gzipSync('{}').subarray(0, 12) });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^egresso: FORMAT_INVALID: standard input is a damaged or truncated gzip file/);
  });
});

describe('overload', () => {
  it('ends with 3 and still prints the plan', async () => {
    const { code, stdout } = await runHere(['solve', join(folder, 'tight.json'), '--json']);
    expect(code).toBe(3);
    const plan = JSON.parse(stdout) as Plan;
    expect(plan).toMatchObject({ status: 'overloaded', gap: null });
    expect(plan.overload.total).toBeGreaterThan(0);
  });

  it('is summed up with its points and its proof', async () => {
    const { code, stdout } = await runHere(['solve', join(folder, 'tight.json')]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^Status +overloaded/m);
    expect(stdout).toMatch(/^Overload +20 Mbit\/s \(.*b[12] ingress lacks [\d.]+.*\); proven: /m);
  });
});

describe('the output file', () => {
  it('holds the plan, and stdout the summary', async () => {
    const path = join(folder, 'plan.json');
    await writeFile(path, 'something longer that was there before'.repeat(1000));
    const { code, stdout } = await runHere(['solve', EXAMPLE, '-o', path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Cost +1,850$/m);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(await planOf([EXAMPLE]));
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is all there is with --json', async () => {
    const path = join(folder, 'quiet.json');
    const { stdout, stderr } = await runHere(['solve', EXAMPLE, '--json', '-o', path]);
    expect(stdout + stderr).toBe('');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ cost: 1850 });
  });

  it('is msgpack where its name says so', async () => {
    const path = join(folder, 'plan.msgpack');
    await runHere(['solve', EXAMPLE, '-o', path]);
    expect(decodeBody(await readFile(path), 'application/msgpack')).toEqual(await planOf([EXAMPLE]));
  });

  it('may be stdout', async () => {
    const { stdout } = await runHere(['solve', EXAMPLE, '-o', '-']);
    expect(JSON.parse(stdout)).toMatchObject({ cost: 1850 });
  });

  it('is followed where it is a link', async () => {
    await mkdir(join(folder, 'plans'));
    await writeFile(join(folder, 'plans', 'latest.json'), '');
    await symlink(join('plans', 'latest.json'), join(folder, 'link.json'));
    await runHere(['solve', EXAMPLE, '-o', join(folder, 'link.json')]);
    expect(JSON.parse(await readFile(join(folder, 'plans', 'latest.json'), 'utf8'))).toMatchObject({ cost: 1850 });
  });

  it('may be a device, which stays one', async () => {
    const { code } = await runHere(['solve', EXAMPLE, '--json', '-o', '/dev/null']);
    expect(code).toBe(0);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  it('that cannot be written ends with 2', async () => {
    for (const path of [join(folder, 'nowhere', 'plan.json'), folder]) {
      const { code, stdout, stderr } = await runHere(['solve', EXAMPLE, '-o', path]);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^egresso: FILE_UNREADABLE: .+ cannot be written: .+\n$/);
    }
  });
});
