/** Changes taken back until a limit holds, on a model of size, and when there is no more time. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { countChanges } from '../../../src/optimizer/change-limit/change-price.ts';
import { trimChanges } from '../../../src/optimizer/change-limit/change-trim.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { type Choice, evaluate } from '../../../src/problem/choice.ts';
import { overflowPriceOf } from '../../../src/problem/overflow-price.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { payloadOf } from '../../oracle/random-model.ts';

const POINTS = 12;
const NEIGHBORS = 4;

/** Every pair has a current choice, and two of everything. */
function problemOf(prefixCount: number): Problem {
  const ids = Array.from({ length: POINTS }, (_, i) => `b${i}`);
  const neighbors = Array.from({ length: NEIGHBORS }, (_, h) => ({
    id: `A${h}`,
    ingress: [ids[h], ids[h + NEIGHBORS]],
  }));
  const prefixes = Array.from({ length: prefixCount }, (_, k) => ({
    id: `P${k}`,
    prefix: `10.${k >> 8}.${k & 255}.0/24`,
    egress: [ids[k % POINTS], ids[(k * 7 + 3) % POINTS]],
  }));
  const pairs = prefixes.flatMap(({ id, egress }, k) =>
    neighbors.map((neighbor, h) => ({
      traffic: { neighbor: neighbor.id, prefix: id, volume: 1 + ((k * 13 + h * 5) % 7) },
      current: { neighbor: neighbor.id, prefix: id, ingress: neighbor.ingress[0], egress: egress[0] },
    })),
  );
  const payload = payloadOf({
    routers: ids.map((id) => ({ id, egressCapacity: prefixCount * 2 })),
    distances: ids.flatMap((from, a) =>
      ids.slice(a + 1).map((to, b) => ({ from, to, distance: 1 + ((a * 5 + b * 3) % 11) })),
    ),
    neighbors,
    prefixes,
    traffic: pairs.map(({ traffic }) => traffic),
    current: pairs.map(({ current }) => current),
  });
  return buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
}

/** The current choice, and one in which every pair enters and every prefix leaves elsewhere where it can. */
function choicesOf(problem: Problem): { kept: Choice; other: Choice } {
  const { currentIngress, currentSlot, egressStart, pairPrefix } = problem;
  return {
    kept: { ingress: currentIngress.slice(), slot: currentSlot.slice() },
    other: {
      ingress: currentIngress.map((point) => (point + NEIGHBORS) % POINTS),
      slot: currentSlot.map((_, pair) => egressStart[pairPrefix[pair] + 1] - 1),
    },
  };
}

describe('changes taken back', () => {
  const problem = problemOf(20_000);
  const { kept, other } = choicesOf(problem);
  const dear = overflowPriceOf(problem);

  it('keeps the limit exactly, for less than what it takes back at random', () => {
    for (const limit of [0, 10, 5_000, 60_000]) {
      const trimmed = trimChanges(problem, other, { kept, limit, dear, control: UNLIMITED });
      expect(countChanges(problem, trimmed)).toBeLessThanOrEqual(limit);
      expect(countChanges(problem, trimmed)).toBeGreaterThan(limit - NEIGHBORS);
      const halted = trimChanges(problem, other, {
        kept,
        limit,
        dear,
        control: { ...UNLIMITED, cancelled: () => true },
      });
      expect(countChanges(problem, halted)).toBeLessThanOrEqual(limit);
      const [own, anyhow] = [evaluate(problem, trimmed), evaluate(problem, halted)];
      expect(own.objective + dear * own.overload).toBeLessThanOrEqual(anyhow.objective + dear * anyhow.overload + 1e-6);
    }
  });

  it('asks whether to go on, and ends at once when not', () => {
    let lastAsked = performance.now();
    let longest = 0;
    let asked = 0;
    let stoppedAt = 0;
    const cancelled = (): boolean => {
      asked++;
      longest = Math.max(longest, performance.now() - lastAsked);
      lastAsked = performance.now();
      if (asked === 30) stoppedAt = lastAsked;
      return asked >= 30;
    };
    const halted = trimChanges(problem, other, { kept, limit: 100, dear, control: { ...UNLIMITED, cancelled } });
    expect(performance.now() - stoppedAt).toBeLessThan(300);
    expect(asked).toBe(30);
    expect(longest).toBeLessThan(300);
    expect(countChanges(problem, halted)).toBeLessThanOrEqual(100);
  });

  it('ends where what it goes back to is itself beyond the limit', () => {
    const small = problemOf(10);
    const choices = choicesOf(small);
    const trimmed = trimChanges(small, choices.other, { kept: choices.other, limit: 1, dear, control: UNLIMITED });
    expect(countChanges(small, trimmed)).toBeLessThanOrEqual(countChanges(small, choices.other));
  });
});
