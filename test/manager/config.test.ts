import { expect, it } from 'vitest';
import { parseManagerConfig } from '../../src/manager/config.ts';
import { Permission } from '../../src/manager/decision/permission.ts';

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['0:0:0:0:0:FFFF:c000:0201', '192.0.2.1'],
  ['2001:DB8:0::1', '2001:db8::1'],
])('the address %s of a point is %s, as collectors compare it', (given, address) => {
  const point = { id: 'a', capacity: 1, nextHops: [given], exporter: given, agent: given, interface: 'eth0' };
  const { points } = parseManagerConfig(JSON.stringify({ points: [point], replay: 'x' }), 'config');
  expect(points[0]).toMatchObject({ nextHops: [address], exporter: address, agent: address });
});

it('an exporter and an agent may be on this machine, an agent may have a name', () => {
  const point = { id: 'a', capacity: 1, exporter: '127.0.0.1', agent: '::1', interface: 'eth0' };
  const points = [point, { ...point, id: 'b', exporter: '10.0.0.1', agent: 'edge-1' }];
  const config = parseManagerConfig(JSON.stringify({ points, replay: 'x' }), 'config');
  expect(config.points.map(({ exporter, agent }) => [exporter, agent])).toEqual([
    ['127.0.0.1', '::1'],
    ['10.0.0.1', 'edge-1'],
  ]);
});

it('lists of IPv4 in IPv6 are of IPv4, and of IPv6 what is shorter', () => {
  const decision = {
    allow: ['::ffff:10.0.0.0/104', '2001:DB8::/32', '::/0', '192.0.2.0/24'],
    deny: ['::FFFF:a01:0/112', '::ffff:0:0/95'],
  };
  const text = JSON.stringify({ points: [{ id: 'a', capacity: 1 }], replay: 'x', decision });
  expect(() => parseManagerConfig(text, 'config')).toThrow('/decision/deny/1');
  const config = parseManagerConfig(text.replace('::ffff:0:0/95', '::fffe:0:0/95'), 'config');
  expect(config.decision).toMatchObject({
    allow: ['10.0.0.0/8', '2001:db8::/32', '::/0', '192.0.2.0/24'],
    deny: ['10.1.0.0/16', '::fffe:0:0/95'],
  });
  const permission = new Permission(config.decision);
  const prefixes = ['10.0.0.0/24', '10.1.2.0/24', '11.0.0.0/24', '2001:db8::/48', '192.0.2.0/25'];
  expect(prefixes.map((prefix) => permission.isAllowed(prefix))).toEqual([true, false, false, true, true]);
});
