import { expect, it } from 'vitest';
import { RunTable } from '../../src/cli/run-table.ts';
import { WHOLE } from '../../src/manager/collectors/collector.ts';

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
