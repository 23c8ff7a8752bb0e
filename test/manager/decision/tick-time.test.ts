/** Many points over their marks, and a time for the questions of a tick that is too short for all of them. */
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/manager/audit/record.ts';
import { AuditLines } from '../../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../../src/manager/audit/replay.ts';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Reallocation, ReallocationRequest } from '../../../src/manager/decision/reallocator.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { BudgetedSolver } from '../../../src/manager/solver/budgeted-solver.ts';
import { limitsOf, observe, type SimulatedPrefix, settingsOf, TICK_MS } from '../simulation.ts';

const BUDGET_MS = 15_000;
const LIMIT_MS = 1000;
const FULL = Array.from({ length: 20 }, (_, k) => `p${String(k + 1).padStart(2, '0')}`);
const IDS = [...FULL, 'z'];
const SETTINGS = settingsOf({ recoverTicks: 1, overTicks: 1, ofTicks: 1 });
const LIMITS = limitsOf(
  IDS.map((id) => ({ id, capacity: 100, price: 0 })),
  SETTINGS,
);

/** Each at 45 of 100, `full` at 90, with a way out that has room. */
const network = (full: readonly string[]): SimulatedPrefix[] =>
  FULL.flatMap((id, p) =>
    Array.from({ length: 9 }, (_, k) => ({
      prefix: `10.${p}.${k}.0/24`,
      natural: id,
      learned: [id, 'z'],
      volume: full.includes(id) ? 10 : 5,
    })),
  );

/** Nothing fits, at first sight; so many milliseconds for each question, by a clock of its own. */
class SlowSolver {
  nowMs = 0;
  /** Points asked about in each tick, with a `?` where as far as it goes. */
  readonly asked: string[][] = [];
  readonly lostCount = 0;
  readonly #questionMs: number;

  constructor(questionMs: number) {
    this.#questionMs = questionMs;
  }

  async ask({ points, prefixes }: ReallocationRequest, limitMs: number): Promise<Reallocation> {
    const isWhole = points.every(({ room }) => room !== null);
    const names = [...new Set(prefixes.map(({ current }) => current))];
    this.asked.at(-1)?.push(names.length > 1 ? 'all' : `${names[0]}${isWhole ? '' : '?'}`);
    const isCut = this.#questionMs > limitMs;
    this.nowMs += this.#questionMs > BUDGET_MS ? this.#questionMs : Math.min(this.#questionMs, limitMs);
    return { fits: isCut ? null : !isWhole, moves: [] };
  }
}

class Bench {
  readonly solver: SlowSolver;
  readonly audit = new AuditLines();
  readonly #budgeted: BudgetedSolver;
  readonly #maker: DecisionMaker;
  state: ManagerState = INITIAL_STATE;

  constructor(questionMs: number) {
    this.solver = new SlowSolver(questionMs);
    const { solver } = this;
    this.#budgeted = new BudgetedSolver(solver, { limitMs: LIMIT_MS, budgetMs: BUDGET_MS }, () => solver.nowMs);
    this.#maker = new DecisionMaker(LIMITS, SETTINGS, this.#budgeted.reallocate);
    this.audit.append({ kind: 'start', version: 1, settings: SETTINGS, limits: LIMITS, state: INITIAL_STATE });
  }

  /** Time that the questions of a tick took. */
  async tick(full = FULL): Promise<number> {
    const observation = observe((this.state.tick + 1) * TICK_MS, IDS, network(full), []);
    this.solver.asked.push([]);
    const start = this.solver.nowMs;
    this.#budgeted.startTick();
    const { state, decision } = await this.#maker.decide(this.state, observation);
    const stateHash = sha256(JSON.stringify(state));
    this.audit.append({ kind: 'tick', observation, withdrawal: null, decision, stateHash });
    this.state = state;
    return this.solver.nowMs - start;
  }
}

describe('a tick with twenty points over their marks', () => {
  it('asks as long as its time lasts, and the next begins with the points that were left', async () => {
    const bench = new Bench(LIMIT_MS);
    for (let tick = 1; tick <= 6; tick++) expect(await bench.tick()).toBeLessThanOrEqual(BUDGET_MS);
    const [first, second, third, ...rest] = bench.solver.asked;
    const twice = (from: number, to: number): string[] => FULL.slice(from - 1, to).flatMap((id) => [id, id]);
    const partly = (from: number, to: number): string[] => FULL.slice(from - 1, to).map((id) => `${id}?`);
    expect(first).toEqual(['all', 'all', ...twice(1, 6), 'p07']);
    expect(second).toEqual(['p07', ...twice(8, 14)]);
    expect(third).toEqual([...twice(15, 20), ...partly(1, 3)]);
    expect(rest).toEqual([partly(4, 18), partly(19, 20), first]);
  });

  it('is decided again from its log, bit for bit', async () => {
    const bench = new Bench(LIMIT_MS);
    for (let tick = 1; tick <= 6; tick++) await bench.tick();
    expect(await replayAudit(bench.audit.lines)).toMatchObject({ tickCount: 6, differences: [] });
    expect(bench.audit.lines.filter((line) => line.includes('"isOutOfTime":true'))).toHaveLength(5);
  });

  it('gets on where one question takes more than all the time that there is', async () => {
    const bench = new Bench(2 * BUDGET_MS);
    const questions = ['all', 'all', ...FULL.flatMap((id) => [id, id]), ...FULL.map((id) => `${id}?`)];
    for (let tick = 0; tick < 2 * questions.length; tick++) await bench.tick();
    // Each once more, as the clock has cut it.
    expect(bench.solver.asked.flat()).toEqual(questions.flatMap((name) => [name, name]));
  });

  it('leaves out points that are over no more, and begins anew when none is left', async () => {
    const bench = new Bench(LIMIT_MS);
    await bench.tick();
    expect(bench.state.reliefQueue.slice(0, 14)).toEqual([
      { points: ['p07'], goal: 'high' },
      ...FULL.slice(7).map((point) => ({ points: [point], goal: 'low' })),
    ]);
    await bench.tick(['p01', 'p20']);
    expect(bench.solver.asked.at(-1)).toEqual(['p20', 'p20', 'p01?', 'p20?']);
    await bench.tick(['p01', 'p20']);
    expect(bench.solver.asked.at(-1)).toEqual(['all', 'all', 'p01', 'p01', 'p20', 'p20', 'p01?', 'p20?']);
    await bench.tick();
    await bench.tick([]);
    expect(bench.state.reliefQueue).toEqual([]);
  });
});
