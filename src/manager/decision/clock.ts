/** A clock that went back, of a machine that was started with another time: once nothing of ours is left, it is taken over. */
import type { ManagerState } from './state.ts';

/** `atMs`: what the clock says in a tick that is behind the state. One that stands still is no clock. */
export function fallenBehind({ behind }: ManagerState, atMs: number): NonNullable<ManagerState['behind']> {
  return { tickCount: behind !== null && atMs > behind.atMs ? behind.tickCount + 1 : 1, atMs };
}

/** Every time that is remembered, as if the clock had always been so: what was held for a while is for as long as before. */
export function rebased(state: ManagerState, atMs: number): ManagerState {
  const shift = (time: number): number => time + atMs - state.atMs;
  const shiftKnown = (time: number | null): number | null => (time === null ? null : shift(time));
  const history = Object.entries(state.history).map(([prefix, past]) => {
    return [prefix, { ...past, changedAtMs: shift(past.changedAtMs) }] as const;
  });
  const classes = state.traffic?.classes.map(({ plan, ...one }) => {
    return { ...one, plan: plan === null ? null : { ...plan, atMs: shift(plan.atMs) } };
  });
  return {
    ...state,
    atMs,
    behind: null,
    changedAtMs: shiftKnown(state.changedAtMs),
    optimizedAtMs: shiftKnown(state.optimizedAtMs),
    history: Object.fromEntries(history),
    traffic: state.traffic === null ? null : { ...state.traffic, classes: classes ?? [] },
  };
}
