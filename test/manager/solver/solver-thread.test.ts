/** The thread of the solver: that nobody waits for it, and that it may die. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ReallocationRequest } from '../../../src/manager/decision/reallocator.ts';
import { solverReallocator } from '../../../src/manager/solver/solver-reallocator.ts';
import { SolverThread } from '../../../src/manager/solver/solver-thread.ts';

const FAULTY = new URL('./faulty-thread.mjs', import.meta.url);
const BROKEN = new URL('./broken-thread.mjs', import.meta.url);
const LIMIT_MS = 60_000;

const asking = (prefix: string): ReallocationRequest => ({
  points: ['a', 'b'].map((id) => ({ id, room: 1, price: 0 })),
  prefixes: [{ prefix, volume: 1, staying: 1, current: 'a', options: ['a', 'b'] }],
  maxChanges: 1,
  changeCost: 1,
});

/** A full point and two with room for a little, as in a relief. */
function relief(prefixCount: number): ReallocationRequest {
  const ids = ['a', 'b', 'c'];
  const prefixes = Array.from({ length: prefixCount }, (_, k) => ({ prefix: `10.0.${k}.0/24`, volume: 1 / (k + 10) }));
  const total = prefixes.reduce((sum, { volume }) => sum + volume, 0);
  return {
    points: ids.map((id) => ({ id, room: (id === 'a' ? 0.8 : 0.15) * total, price: 0 })),
    prefixes: prefixes
      .map((one) => ({ ...one, staying: one.volume, current: 'a', options: ids }))
      .sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
    maxChanges: 10,
    changeCost: 1,
  };
}

describe('the thread of the solver', () => {
  it('answers as the solver does', async () => {
    await using thread = new SolverThread();
    expect(await thread.load()).toBe(true);
    const request = relief(10);
    const answer = await thread.ask(request, LIMIT_MS);
    expect(answer).toEqual(await solverReallocator()(request));
    expect(answer.fits).toBe(true);
    expect(answer.moves.length).toBeGreaterThan(0);
  });

  it('leaves this one idle while it solves', async () => {
    await using thread = new SolverThread();
    await thread.load();
    const before = performance.eventLoopUtilization();
    await thread.ask(relief(200), 1000);
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });

  it.each(['throws', 'exits', 'endless'])('that %s is replaced, and its question has no answer', async (fault) => {
    await using thread = new SolverThread(FAULTY);
    const answered = (prefix: string): object => ({ fits: true, moves: [{ prefix, to: 'true' }] });
    expect(await thread.ask(asking('x'), LIMIT_MS)).toEqual(answered('x'));
    // A second more than the limit is what an endless one has.
    expect(await thread.ask(asking(fault), 100)).toEqual({ fits: null, moves: [] });
    expect(thread.lostCount).toBe(1);
    expect(await thread.ask(asking('y'), LIMIT_MS)).toEqual(answered('y'));
    expect(thread.lostCount).toBe(1);
  });

  it('that cannot be loaded says so, and has no answer', async () => {
    await using thread = new SolverThread(BROKEN);
    expect(await thread.load()).toBe(false);
    expect(await thread.ask(asking('x'), LIMIT_MS)).toEqual({ fits: null, moves: [] });
  });

  it('that is closed keeps no process alive, whatever it was asked, and starts no other', async () => {
    const module = new URL('../../../src/manager/solver/solver-thread.ts', import.meta.url);
    const script = `
      import { SolverThread } from ${JSON.stringify(module.href)};
      const thread = new SolverThread(new URL(${JSON.stringify(FAULTY.href)}));
      await thread.load();
      const open = thread.ask(${JSON.stringify(asking('endless'))}, 600000);
      await thread[Symbol.asyncDispose]();
      const answers = [await open, await thread.ask(${JSON.stringify(asking('x'))}, 600000)];
      console.log(JSON.stringify(answers));
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const [code] = await once(child, 'close');
    const none = { fits: null, moves: [] };
    expect([code, JSON.parse(text)]).toEqual([0, [none, none]]);
  });
});
