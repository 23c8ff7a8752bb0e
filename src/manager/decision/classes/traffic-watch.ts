/** What a tick adds to what is remembered of traffic. */
import { measuredPrefixes } from '../candidates.ts';
import type { Observation } from '../observation.ts';
import type { Permission } from '../permission.ts';
import type { DecisionSettings } from '../settings.ts';
import type { ManagerState } from '../state.ts';
import { homeOfCandidate } from './class-plan.ts';
import { remembered, withHomes } from './learning.ts';
import { profileOf } from './profile.ts';
import { emptyMemory, type TrafficMemory } from './traffic-memory.ts';

/** Traffic classes are for plans of the whole; while a point is not believed, patterns are not what they seem. */
export function withTraffic(
  state: ManagerState,
  observation: Observation,
  permission: Permission,
  settings: DecisionSettings,
): ManagerState {
  if (settings.mode !== 'optimize' || Object.keys(state.quarantine).length > 0) return state;
  const measured = measuredPrefixes(state, observation, permission);
  const profile = profileOf(measured, observation, settings.classPrefixCount);
  const before = memoryOf(state, settings);
  const homes = Object.fromEntries(
    measured
      .filter(({ reading }) => reading.prefix in profile.volumes)
      .map((candidate) => [candidate.reading.prefix, homeOfCandidate(candidate)]),
  );
  const memory = remembered(before, profile, observation.atMs, settings);
  return { ...state, traffic: withHomes(memory, before, homes) };
}

/** Intervals of another length are not to be told from these. */
function memoryOf(
  { traffic }: ManagerState,
  { classPeriodMs: periodMs, classIntervalMs: intervalMs }: DecisionSettings,
): TrafficMemory {
  const isKnown = traffic?.periodMs === periodMs && traffic.intervalMs === intervalMs;
  return isKnown ? traffic : emptyMemory(periodMs, intervalMs);
}
