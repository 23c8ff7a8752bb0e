/** The optimizer of the project as the decision maker's: one origin, a router for each point, single egress. */
import { EgressoError } from '../errors.ts';
import { buildModel } from '../model/build-model.ts';
import { parseOptions } from '../model/options.ts';
import { type RunControl, UNLIMITED } from '../optimizer/run/run-control.ts';
import { solveModel } from '../solve.ts';
import type { Reallocation, ReallocationRequest, Reallocator } from './decision/reallocator.ts';

/** Names that no point has: ids of points are told apart by a prefix of their own. */
const ORIGIN = 'origin';
const pointId = (id: string): string => `point ${id}`;

/** Up to so many (prefix, point) options branch and bound ends well within a tick: 1,500 took 0.3 to 0.8 s on a busy machine. */
const EXACT_OPTION_COUNT = 3000;

const WHOLE = 1e6;

/** The least volume of all, to the last bit, is not worth a proof: it is a sum of subsets. */
const GAP_TARGET = 0.02;

/** Loads the solver, so that the clock of the first request is not spent on that. */
export async function loadSolver(): Promise<void> {
  const points = ['a', 'b'].map((id) => ({ id, room: 1, price: 0 }));
  const prefixes = [{ prefix: '192.0.2.0/24', volume: 1, current: 'a', options: ['a', 'b'] }];
  await solverReallocator()({ points, prefixes, maxChanges: 1, changeCost: 1 });
}

/** `control` is asked for anew for each request: its clock ends a run, which then answers the best it has. */
export function solverReallocator(control: () => RunControl = () => UNLIMITED): Reallocator {
  return async (request) => {
    if (request.prefixes.length === 0) return { fits: true, moves: [] };
    const { maxChanges, changeCost } = request;
    const optionCount = request.prefixes.reduce((sum, { options }) => sum + options.length, 0);
    const method = optionCount <= EXACT_OPTION_COUNT ? 'exact' : 'auto';
    const options = parseOptions({ method, maxChanges, changeCost, gapTarget: GAP_TARGET });
    try {
      const plan = await solveModel(buildModel(payload(request)), options, control());
      const current = new Map(request.prefixes.map((one) => [one.prefix, pointId(one.current)]));
      const moved = plan.assignments.filter(({ prefix, egress }) => current.get(prefix) !== egress);
      const moves = moved.map(({ prefix, egress }) => ({ prefix, to: egress.slice(pointId('').length) }));
      return { fits: plan.status !== 'overloaded', moves };
    } catch (error) {
      // Without an answer nothing is moved; the next tick asks again.
      if (error instanceof EgressoError) return NO_ANSWER;
      throw error;
    }
  };
}

const NO_ANSWER: Reallocation = { fits: false, moves: [] };

/**
 * Volumes are whole multiples of a millionth of the largest, which branch and bound is quicker with. Rooms get half a unit for
 * each prefix, so that what stays where it is always fits; whoever asked checks the moves with volumes as they are.
 */
function payload({ points, prefixes }: ReallocationRequest): object {
  const ids = points.map(({ id }) => pointId(id));
  const largest = prefixes.reduce((most, { volume }) => Math.max(most, volume), 0);
  const scale = largest > 0 ? WHOLE / largest : 1;
  const whole = (volume: number): number => Math.max(1, Math.round(volume * scale));
  const capacity = (room: number): number => Math.ceil(room * scale) + Math.ceil(prefixes.length / 2);
  return {
    version: 1,
    routers: [
      { id: ORIGIN, egressCapacity: 0 },
      ...points.map(({ room, price }, p) => ({
        id: ids[p],
        price,
        ...(room !== null && { egressCapacity: capacity(room) }),
      })),
    ],
    distances: ids.map((to) => ({ from: ORIGIN, to, distance: 0 })),
    neighbors: [{ id: ORIGIN, ingress: [ORIGIN] }],
    prefixes: prefixes.map(({ prefix, options }) => ({ id: prefix, prefix, egress: options.map(pointId) })),
    traffic: prefixes.map(({ prefix, volume }) => ({ neighbor: ORIGIN, prefix, volume: whole(volume) })),
    current: prefixes.map(({ prefix, current }) => ({
      neighbor: ORIGIN,
      prefix,
      ingress: ORIGIN,
      egress: pointId(current),
    })),
  };
}
