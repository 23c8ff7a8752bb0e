import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouteTable } from '../../../src/manager/telemetry/route-table.ts';
import { route } from '../simulation.ts';

describe('RouteTable', () => {
  const operation = fc.record({
    session: fc.constantFrom('10.0.0.1', '10.0.0.2'),
    pathId: fc.constantFrom(1, 2 ** 32 - 1),
    prefix: fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '2001:db8::/32'),
    point: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('set', 'set', 'set', 'withdraw', 'flush'),
  });

  it('holds what was said last by each source', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const table = new RouteTable();
        const said = new Map<string, string>();
        for (const { session, pathId, prefix, point, kind } of operations) {
          if (kind === 'set') {
            table.set(session, pathId, prefix, route(point));
            said.set(`${session} ${pathId} ${prefix}`, point);
          } else if (kind === 'withdraw') {
            table.withdraw(session, pathId, prefix);
            said.delete(`${session} ${pathId} ${prefix}`);
          } else {
            table.withdrawSession(session);
            for (const key of said.keys()) if (key.startsWith(`${session} `)) said.delete(key);
          }
        }
        expect(table.routeCount).toBe(said.size);
        for (const prefix of ['10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '2001:db8::/32']) {
          const points = [...said].filter(([key]) => key.endsWith(` ${prefix}`)).map(([, point]) => point);
          const k = table.prefixes.find(prefix);
          expect(k >= 0 ? table.learned(k).map(({ point }) => point) : []).toEqual([...new Set(points)].sort());
        }
        // Traffic goes by the longest prefix that somebody still tells.
        const holds = (prefix: string): boolean => [...said.keys()].some((key) => key.endsWith(` ${prefix}`));
        const longest = ['10.1.1.0/24', '10.1.0.0/16', '10.0.0.0/8'].find(holds);
        const matched = table.prefixes.match('10.1.1.7');
        expect(matched < 0 ? undefined : table.prefixes.text(matched)).toBe(longest);
      }),
    );
  });

  it('holds the attributes of its routes, and no others', () => {
    const table = new RouteTable();
    for (let k = 0; k < 1000; k++) table.set('10.0.0.1', 7, '10.0.0.0/8', { ...route('a'), asPath: [64601, k] });
    table.set('10.0.0.2', 7, '10.0.0.0/8', { ...route('b'), asPath: [64601] });
    table.set('10.0.0.2', 8, '10.1.0.0/16', { ...route('b'), asPath: [64601] });
    expect([table.routeCount, table.attributeCount]).toEqual([3, 2]);
    expect(table.learned(table.prefixes.find('10.0.0.0/8'))).toMatchObject([{ asPath: [64601, 999] }, { point: 'b' }]);
    table.withdraw('10.0.0.2', 7, '10.0.0.0/8');
    expect(table.attributeCount).toBe(2);
    table.withdrawSession('10.0.0.2');
    expect(table.attributeCount).toBe(1);
    table.set('10.0.0.2', 7, '10.0.0.0/8', { ...route('c'), localPref: 50 });
    expect([table.attributeCount, table.learned(0)[1]]).toMatchObject([2, { point: 'c', localPref: 50 }]);
  });

  it('has of each point what plain BGP prefers there', () => {
    const table = new RouteTable();
    table.set('10.0.0.1', 1, '10.0.0.0/8', { ...route('a'), asPath: [1], localPref: 80 });
    table.set('10.0.0.1', 2, '10.0.0.0/8', { ...route('a'), asPath: [2, 3, 4], localPref: 200 });
    expect(table.learned(0)).toMatchObject([{ asPath: [2, 3, 4] }]);
  });

  it('keeps what was there until a whole table is said again, and then only what was said', () => {
    fc.assert(
      fc.property(fc.array(operation), fc.array(operation), (before, again) => {
        const [table, fresh] = [new RouteTable(), new RouteTable()];
        for (const { session, pathId, prefix, point } of before) table.set(session, pathId, prefix, route(point));
        table.beginReading();
        const { routeCount } = table;
        for (const { session, pathId, prefix, point } of again) {
          table.set(session, pathId, prefix, route(point));
          fresh.set(session, pathId, prefix, route(point));
        }
        expect(table.routeCount).toBeGreaterThanOrEqual(routeCount);
        table.endReading();
        expect(table.routeCount).toBe(fresh.routeCount);
        for (const prefix of ['10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '2001:db8::/32']) {
          expect(table.learned(table.prefixes.find(prefix))).toEqual(fresh.learned(fresh.prefixes.find(prefix)));
        }
      }),
    );
  });
});
