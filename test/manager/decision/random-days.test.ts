/** Random days on a fake clock: what must never happen, and what must, whatever the network and its telemetry do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replayAudit } from '../../../src/manager/audit/replay.ts';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Reallocator } from '../../../src/manager/decision/reallocator.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { scaled } from '../../faults/scale.ts';
import { exhaustive, limitsOf, observe, settingsOf, streamOf, TICK_MS } from '../simulation.ts';
import { DAY_TICKS, days, judge } from './days/day.ts';

const DAYS = scaled(10_000);

it(`${DAYS} random days break no rule, and replay equal`, { timeout: 1_800_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(days, async (day) => {
      const log = await judge(day, DecisionMaker, exhaustive);
      expect(await replayAudit(log)).toMatchObject({ tickCount: DAY_TICKS, differences: [] });
    }),
    { numRuns: DAYS, seed: 20261121 },
  );
});

it('an optimizer that answers nonsense breaks no rule', { timeout: 120_000 }, async () => {
  const random = streamOf(5);
  const nonsense: Reallocator = async ({ points, prefixes }) => {
    const oneOf = <T>(of: readonly T[]): T => of[Math.floor(of.length * random())];
    const ids = [...points.map(({ id }) => id), 'nowhere'];
    const named = [...prefixes.map(({ prefix }) => prefix), '192.0.2.0/24'];
    const moves = Array.from({ length: Math.floor(8 * random()) }, () => ({ prefix: oneOf(named), to: oneOf(ids) }));
    return { fits: oneOf([true, true, false, null]), moves };
  };
  await fc.assert(
    fc.asyncProperty(days, async (day) => void (await judge(day, DecisionMaker, nonsense, false))),
    { numRuns: scaled(500), seed: 7 },
  );
});

describe('load ±10 % around the watermark, of all prefixes at once', () => {
  const points = ['a', 'b'];
  const count = 8;
  const ticks = 3_600_000 / TICK_MS;
  const sways: [string, (tick: number, random: () => number) => number][] = [
    ['by chance', (_, random) => 0.9 + 0.2 * random()],
    ['slowly', (tick) => 1 + 0.1 * Math.sin((2 * Math.PI * tick) / 40)],
    ['from tick to tick', (tick) => (tick % 2 === 0 ? 0.9 : 1.1)],
  ];

  it.each(sways.flatMap(([name, sway]) => [['relieve', name, sway] as const, ['optimize', name, sway] as const]))(
    'in mode %s, %s: at most one change of a prefix per hold-down',
    async (mode, _, sway) => {
      const settings = settingsOf({ mode, holdDownMs: 600_000, overTicks: 2, ofTicks: 3, recoverTicks: 1 });
      const limits = limitsOf(
        points.map((id) => ({ id, capacity: 100, price: 0 })),
        settings,
      );
      const maker = new DecisionMaker(limits, settings, exhaustive);
      const random = streamOf(3);
      const changes = new Map<string, number[]>();
      let state: ManagerState = INITIAL_STATE;
      for (let tick = 1; tick <= ticks; tick++) {
        const volume = (86 / count) * sway(tick, random);
        const network = Array.from({ length: count }, (_, k) => {
          return { prefix: `10.0.${k}.0/24`, natural: 'a', learned: points, volume };
        });
        const decided = await maker.decide(state, observe(tick * TICK_MS, points, network, state.overrides));
        state = decided.state;
        for (const { prefix } of decided.decision.changes) {
          changes.set(prefix, [...(changes.get(prefix) ?? []), tick * TICK_MS]);
        }
      }
      const all = [...changes.values()];
      for (const times of all) {
        const gaps = times.slice(1).map((time, c) => time - times[c]);
        for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(settings.holdDownMs);
      }
      expect(all.flat().length).toBeGreaterThan(0);
      expect(all.flat().length).toBeLessThanOrEqual(count * Math.ceil((ticks * TICK_MS) / settings.holdDownMs));
    },
  );
});
