/**
 * Traffic classes of a whole week: intervals grouped anew, a tick told, and what a state with all of it weighs.
 *
 *     node bench/traffic-classes.ts [--intervals 168] [--prefixes 100]
 *
 * Days, nights and weekends with ±10 % of noise, from seed 1; volumes fall with the rank of a prefix.
 */
import { parseArgs } from 'node:util';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import Value from 'typebox/value';
import { groupProfiles } from '../src/manager/decision/classes/grouping.ts';
import { remembered } from '../src/manager/decision/classes/learning.ts';
import { emptyMemory, type TrafficProfile } from '../src/manager/decision/classes/traffic-memory.ts';
import { type DecisionSettings, DecisionSettingsSchema } from '../src/manager/decision/settings.ts';

const { values } = parseArgs({
  options: { intervals: { type: 'string', default: '168' }, prefixes: { type: 'string', default: '100' } },
});
const intervalCount = Number(values.intervals);
const prefixCount = Number(values.prefixes);
const generator = xoroshiro128plus(1);
const random = (): number => (generator.next() >>> 0) / 2 ** 32;
const settings: DecisionSettings = {
  ...(Value.Create(DecisionSettingsSchema) as DecisionSettings),
  classIntervalMs: 1000,
  classPeriodMs: 1000 * intervalCount,
  classPrefixCount: prefixCount,
};

function profileAt(interval: number): TrafficProfile {
  const hour = (interval * 168) / intervalCount;
  const isWeekend = hour >= 120;
  const isDay = hour % 24 >= 8 && hour % 24 < 20;
  const volumes = Array.from({ length: prefixCount }, (_, k) => {
    const level = (isDay ? 3 : 1) * (isWeekend === (k % 2 === 0) ? 1 : 0.3);
    return [`10.${k >>> 8}.${k & 255}.0/24`, ((1000 * level) / (k + 10)) * (0.9 + 0.2 * random())] as const;
  });
  return { volumes: Object.fromEntries(volumes), rest: { a: 1000, b: 500 } };
}

let memory = emptyMemory(settings.classPeriodMs, settings.classIntervalMs);
const tickMs: number[] = [];
for (let interval = 0; interval <= intervalCount; interval++) {
  const profile = profileAt(interval);
  const start = performance.now();
  memory = remembered(memory, profile, interval * 1000, settings);
  tickMs.push(performance.now() - start);
}
const profiles = Object.values(memory.intervals);
const start = performance.now();
const groups = groupProfiles(profiles, settings.classDistance);
const groupingMs = performance.now() - start;
const sameStart = performance.now();
remembered(memory, profileAt(0), intervalCount * 1000, settings);
const sameMs = performance.now() - sameStart;

const figures = {
  intervals: profiles.length,
  classes: groups.length,
  groupingMs,
  lastIntervalTickMs: tickMs.at(-1) ?? 0,
  ordinaryTickMs: sameMs,
  stateKb: JSON.stringify(memory).length / 1000,
};
for (const [name, value] of Object.entries(figures)) {
  process.stdout.write(`${name.padEnd(20)} ${Math.round(value * 10) / 10}\n`);
}
