import { expect, it } from 'vitest';
import { RunTable, tickLine } from '../../src/cli/run-table.ts';
import { WHOLE } from '../../src/manager/collectors/collector.ts';
import type { Decision } from '../../src/manager/decision/decision.ts';
import { UNSEEN } from '../../src/manager/decision/observation.ts';
import type { ManagerCounts, TickResult } from '../../src/manager/manager.ts';

const NO_COUNTS: ManagerCounts = {
  malformedFlows: 0,
  malformedCounters: 0,
  lostReads: 0,
  lostWatches: 0,
  foreignFlows: 0,
  reboots: 0,
  lateCounters: 0,
  foreignRoutes: 0,
  rivalPaths: 0,
  unmatchedBytes: 0,
  untimedBytes: 0,
  impossibleBytes: 0,
  failedAnnouncements: 0,
  lostSolvers: 0,
};
const ERASE = '\x1b[2A\x1b[J';

it('a terminal is told why nothing is decided, each time in place of what stood there', () => {
  const table = new RunTable('Mbit/s', true);
  const error = 'GoBGP at 127.0.0.1:1: 14 UNAVAILABLE\u001b[2J';
  expect(table.idleFrame({ idle: 'routes', atMs: 0, routes: { state: 'connecting', error } })).toBe(
    '00:00:00, announcing: waits for GoBGP to answer\nGoBGP at 127.0.0.1:1: 14 UNAVAILABLE\\u001b[2J\n',
  );
  expect(table.idleFrame({ idle: 'routes', atMs: 1000, routes: { state: 'reading', error: null } })).toBe(
    `${ERASE}00:00:01, announcing: waits for the first table of routes, which is being read\n`,
  );
  expect(new RunTable('Mbit/s', false).idleFrame({ idle: 'paused', atMs: 0, routes: WHOLE })).toBe(
    '00:00:00, dry run: paused, nothing is decided\n',
  );
});

it('says how many questions to the optimizer had no answer', () => {
  const tick = (reallocations: Decision['reallocations']): TickResult => ({
    decision: {
      tick: 7,
      atMs: 0,
      activity: 'watching',
      faults: [],
      points: [],
      traffic: null,
      changes: [],
      overrideCount: 0,
      reallocations,
    },
    measured: { ...UNSEEN, atMs: 0 },
    telemetry: NO_COUNTS,
  });
  const cut = tick([
    { fits: null, moves: [] },
    { fits: false, moves: [] },
    { fits: null, moves: [], isOutOfTime: true },
  ]);
  const answered = tick([{ fits: true, moves: [] }]);
  expect(JSON.parse(tickLine(cut))).toMatchObject({ tick: 7, unansweredCount: 2 });
  expect(JSON.parse(tickLine(answered))).toMatchObject({ unansweredCount: 0 });
  const said = '2 questions to the optimizer without an answer';
  expect(new RunTable('Mbit/s', true).frame(cut)).toContain(said);
  expect(new RunTable('Mbit/s', true).frame(answered)).not.toContain('optimizer');
});
