import { expect, it } from 'vitest';
import { followedOverrides } from '../../../src/manager/collectors/read-back.ts';
import type { ReceivedRoute } from '../../../src/manager/gobgp/path.ts';

const COMMUNITY = '64512:7040';
const OPTIONS = { points: new Map([['192.0.2.2', 'b']]), community: COMMUNITY, instance: 7 };
const told: ReceivedRoute = {
  prefix: '20.0.0.0/24',
  neighbor: '10.0.0.1',

  pathId: 1,
  isWithdraw: false,
  isBest: false,
  nextHop: '192.0.2.1',
  asPath: [64601],
  origin: 'igp',
  med: null,
  localPref: 100,
  others: [],
  isWayOut: true,
  communities: [],
};
const own: ReceivedRoute = {
  ...told,
  neighbor: '',
  pathId: 7,
  isBest: true,
  nextHop: '192.0.2.2',
  localPref: 1000,
  communities: [COMMUNITY],
};

it.each<[string, ReceivedRoute[], string | undefined]>([
  ['that routers tell nothing better of', [own, told], 'b'],
  ['of a prefix that no router tells', [own], 'b'],
  ['that is not what gobgpd announces', [{ ...own, isBest: false }, told], undefined],
  ['of another manager', [{ ...own, pathId: 8 }, told], undefined],
  ['of nobody', [{ ...own, pathId: 0 }, told], undefined],
  ['that is not marked', [{ ...own, communities: [] }, told], undefined],
  ['to a next hop of no point', [{ ...own, nextHop: '192.0.2.9' }, told], undefined],
  ['where a router gives its own path more', [own, told, { ...told, localPref: 2000 }], undefined],
  ['where a router gives its own path as much', [own, { ...told, localPref: 1000 }], undefined],
  ['beside a path without local-pref', [own, { ...told, localPref: null }], 'b'],
  [
    'that gives less than a path without local-pref',
    [
      { ...own, localPref: 90 },
      { ...told, localPref: null },
    ],
    undefined,
  ],
  ['that a router without add-path has not taken', [own, { ...told, pathId: 0 }], undefined],
  ['that is reflected', [own, told, { ...own, neighbor: '10.0.0.3', isBest: false }], 'b'],
])('an override %s', (_, routes, point) => {
  expect(followedOverrides(routes, OPTIONS).get('20.0.0.0/24')).toBe(point);
});
