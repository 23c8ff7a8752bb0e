import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE, runHere, STACK_TRACE } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'egresso-policy-'));
const [ses, mes, options] = ['ses.json', 'mes.json', 'options.json'].map((name) => join(folder, name));

beforeAll(async () => {
  await runHere(['solve', EXAMPLE, '-o', ses]);
  await runHere(['solve', EXAMPLE, '--variant', 'mes', '-o', mes]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('policy', () => {
  const policy = (...more: string[]) => runHere(['policy', ses, '--model', EXAMPLE, ...more]);

  it('prints the text of a router, and the proof on stderr', async () => {
    const { code, stdout, stderr } = await policy('--router', 'b3', '--format', 'frr');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^! b3: 1 rule for 1 prefix\nip prefix-list EGRESSO-\w+ permit 10\.20\.30\.0\/24\n/);
    expect(stdout).toContain(' set local-preference 200\n');
    expect(stderr).toBe(
      'Note: b3, import, upstream: policy that is there is not known (basePolicies), and ours takes its place.\n' +
        'Proven: 0 enforced, 4 requested; 4 rules for 6 prefixes in all.\n',
    );
  });

  it('--verify reports every pair in comments', async () => {
    const { stdout } = await policy('--router', 'b3', '--format', 'bird', '--ingress', 'advertise', '--verify');
    const reports = stdout.split('\n').filter((line) => line.includes('(ingress by'));
    expect(reports).toHaveLength(4);
    for (const line of reports)
      expect(line).toMatch(/^# A[12] to P[12]: enforced b[12] > b[34] \(ingress by only-offer, /);
  });

  it('--print gives the change and the way back', async () => {
    const { stdout } = await policy('--router', 'b3', '--print', 'rollback');
    expect(stdout).toMatch(/^ {2}neighbor upstream route-map EGRESSO-PASS in$/m);
    expect(stdout).toMatch(/^no route-map /m);
  });

  it('--steps prints the change in steps', async () => {
    const { stdout } = await policy('--steps', '--router', 'b4');
    expect(stdout).toMatch(
      /^! step 1 of 1: 2 prefixes, safe on the way\n! expected after it: b2 55 in, 0 out; b3 0 in, 55 out; b1 45 in, 0 out; b4 0 in, 45 out\n/,
    );
    expect(stdout).toMatch(/^! step 1 of 1, phase 1 of 2 \(prefer\), b4\nip prefix-list /m);
    const one = await policy('--steps', '--step', '1', '--router', 'b4');
    expect(one.stdout).toBe(stdout);
  });

  it.each([
    [['--step', '1'], 'USAGE: --step is one of the steps: it needs --steps'],
    [['--steps', '--step', '2'], 'OPTIONS_INVALID: /options/step: must be at most 1, the number of steps, not 2'],
    [['--steps', '--step', '0'], 'USAGE'],
  ])('%j is refused', async (flags, message) => {
    const { code, stdout, stderr } = await policy(...flags);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('--json prints all of it', async () => {
    const { stdout } = await policy('--json');
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ status: 'proven', pairs: { requestedCount: 4 }, ruleCount: 4 });
    expect(result.routers).toHaveLength(4);
  });

  it('prints nothing where BGP does otherwise, and ends with 3', async () => {
    writeFileSync(options, JSON.stringify({ allow: ['10.20.30.0/24'] }));
    const { code, stdout, stderr } = await policy('--options', options);
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^egresso: BGP would not do what the plan says: 0 pairs of 4 fail; nothing is emitted\n {2}guard: /,
    );
    const asJson = await policy('--options', options, '--json');
    expect(JSON.parse(asJson.stdout)).toMatchObject({ status: 'refuted', routers: [] });
    expect(asJson.code).toBe(3);
  });

  it.each([
    [['--router', 'b9'], 'OPTIONS_INVALID'],
    [['--format', 'vyos'], 'USAGE'],
    [['--options', EXAMPLE], 'OPTIONS_INVALID'],
  ])('%j is refused', async (more, code) => {
    const outcome = await policy(...more);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toMatch(new RegExp(`^egresso: ${code}: `));
    expect(outcome.stderr).not.toMatch(STACK_TRACE);
  });

  it('refuses what is no plan', async () => {
    const outcome = await runHere(['policy', EXAMPLE, '--model', EXAMPLE]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/^egresso: PLAN_INVALID: /);
  });
});

describe('diff', () => {
  it('is unified, and empty between equal plans', async () => {
    const { code, stdout } = await runHere(['diff', ses, mes]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^--- ${ses}\n\\+\\+\\+ ${mes}\n-variant: ses\n\\+variant: mes\n-cost: 1,850\n\\+cost: 1,250\n`),
    );
    expect(stdout).toContain('-A1 to P2: b1 > b4\n+A1 to P2: b1 > b3\n');
    expect((await runHere(['diff', ses, ses])).stdout).toBe('');
  });

  it('--json', async () => {
    const { stdout } = await runHere(['diff', ses, mes, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      cost: { from: 1850, to: 1250 },
      pairs: [
        { neighbor: 'A1', prefix: 'P2', from: { ingress: 'b1', egress: 'b4' }, to: { ingress: 'b1', egress: 'b3' } },
      ],
      points: [
        { point: 'b3', side: 'egress', from: 55, to: 70 },
        { point: 'b4', side: 'egress', from: 45, to: 30 },
      ],
    });
  });

  it('refuses plans of different models', async () => {
    const other = join(folder, 'other.json');
    writeFileSync(
      other,
      JSON.stringify({ ...JSON.parse((await runHere(['solve', EXAMPLE, '--json'])).stdout), modelHash: 'x' }),
    );
    const { code, stderr } = await runHere(['diff', ses, other]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^egresso: PLAN_INVALID: the plan is for another model/);
  });
});

describe('explain', () => {
  it('shows every way, what refuses it and what forcing it costs', async () => {
    const { code, stdout } = await runHere(['explain', ses, '--model', EXAMPLE, '--prefix', 'P1', '--neighbor', 'A1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Binding +ingress of b1: 45 of 50, shadow price 10$/m);
    expect(stdout).toMatch(/^b1 +b3 +0 +chosen$/m);
    expect(stdout).toMatch(/^b2 +b3 +\+300 +ingress-capacity of b2 +\+50$/m);
    expect(stdout).toMatch(/^b2 +b4 +-250 +ingress-capacity of b2 +overloaded by 5$/m);
    const { stdout: short } = await runHere([
      'explain',
      ses,
      '--model',
      EXAMPLE,
      '--prefix',
      'P1',
      '--no-solve',
      '--json',
    ]);
    expect(JSON.parse(short)).toMatchObject({ prefix: 'P1', pairs: [{ neighbor: 'A1' }, { neighbor: 'A2' }] });
  });

  it('refuses a prefix that the model does not have', async () => {
    const { code, stderr } = await runHere(['explain', ses, '--model', EXAMPLE, '--prefix', 'P9']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^egresso: OPTIONS_INVALID: .*P9/);
  });
});
