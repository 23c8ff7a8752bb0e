/** The optimizer of the project as the decision maker's: one origin, a router for each point, single egress. */
import { EgressoError } from '../../errors.ts';
import { buildModel } from '../../model/build-model.ts';
import type { NetworkModel } from '../../model/network-model.ts';
import { parseOptions } from '../../model/options.ts';
import { type RunControl, UNLIMITED } from '../../optimizer/run/run-control.ts';
import type { Plan } from '../../plan/plan.ts';
import { solveModel } from '../../solve.ts';
import {
  missingRooms,
  type Reallocation,
  type ReallocationPoint,
  type ReallocationRequest,
  type Reallocator,
  type RoomPrices,
} from '../decision/reallocator.ts';

/** Names that no point has: ids of points are told apart by a prefix of their own. */
const ORIGIN = 'origin';
const pointId = (id: string): string => `point ${id}`;

const WHOLE = 1e6;

/** The least volume of all, to the last bit, is not worth a proof: it is a sum of subsets. */
const GAP_TARGET = 0.02;

/** Where staying costs: of the most that so few changes can save, which may be little of what all of it costs. */
function gapTargetOf({ points, prefixes, maxChanges }: ReallocationRequest): number {
  const prices = new Map(points.map(({ id, price }) => [id, price]));
  const priceAt = (id: string): number => prices.get(id) ?? 0;
  const staying = prefixes.reduce((sum, { volume, current }) => sum + volume * priceAt(current), 0);
  const savings = prefixes.map(({ volume, current, options }) => {
    return volume * (priceAt(current) - Math.min(...options.map(priceAt)));
  });
  const largest = savings.sort((a, b) => b - a).slice(0, maxChanges);
  const most = largest.reduce((sum, saving) => sum + Math.max(0, saving), 0);
  return staying > 0 && most > 0 ? GAP_TARGET * Math.min(1, most / staying) : GAP_TARGET;
}

/** Loads the solver, so that the clock of the first request is not spent on that. */
export async function loadSolver(): Promise<void> {
  const points = ['a', 'b'].map((id) => ({ id, room: 1, price: 0 }));
  const prefixes = [{ prefix: '192.0.2.0/24', volume: 1, staying: 1, current: 'a', options: ['a', 'b'] }];
  await solverReallocator()({ points, prefixes, maxChanges: 1, changeCost: 1 });
}

/** `control` is asked for anew for each request: its clock ends a run, which then answers the best it has. */
export function solverReallocator(control: () => RunControl = () => UNLIMITED): Reallocator {
  return async (request) => {
    if (request.prefixes.length === 0) return { fits: true, moves: [] };
    const clock = control();
    // What rooms get on top, and as much again where volumes were rounded down.
    const slack = (2 * roundings(request.prefixes) + 1) / scaleOf(request.prefixes);
    let tightened = { ...request, points: asIfStaying(request) };
    for (let k = 0; k < TIGHTENINGS; k++) {
      const answer = await solve(tightened, clock);
      if (answer.fits === null) return NO_ANSWER;
      // At first with more room than there is.
      if (!answer.fits && k === 0) return answer;
      if (!answer.fits) break;
      const missing = missingRooms(request, answer.moves, slack);
      if (missing.size === 0) return answer;
      const points = tightened.points.map((one) => ({
        ...one,
        room: one.room === null ? null : one.room - (missing.get(one.id) ?? 0),
      }));
      tightened = { ...tightened, points, ...(answer.prices !== undefined && { startPrices: answer.prices }) };
      if (points.some(({ room }) => room !== null && room < 0)) break;
    }
    return hasHidden(request) ? solve(request, clock) : { fits: false, moves: [] };
  };
}

const NO_ANSWER: Reallocation = { fits: null, moves: [] };

/** Times that rooms are lessened by what an answer lacks. */
const TIGHTENINGS = 3;

/**
 * Of a prefix the solver knows one volume, what would arrive elsewhere. Rooms as if as much stayed as would arrive are right where
 * nothing is moved; what is moved then frees less than the solver thinks, by which the rooms are lessened. Rooms as they are, at last,
 * are on the safe side.
 */
function asIfStaying({ points, prefixes }: ReallocationRequest): ReallocationPoint[] {
  return points.map((point) => {
    const here = prefixes.filter(({ current }) => current === point.id);
    const hidden = here.reduce((sum, { volume, staying }) => sum + (volume - staying), 0);
    return { ...point, room: point.room === null ? null : point.room + hidden };
  });
}

function hasHidden({ prefixes }: ReallocationRequest): boolean {
  return prefixes.some(({ volume, staying }) => volume > staying);
}

async function solve(request: ReallocationRequest, control: RunControl): Promise<Reallocation> {
  const { prefixes, maxChanges, changeCost, startPrices } = request;
  const options = parseOptions({ method: 'auto', maxChanges, changeCost, gapTarget: gapTargetOf(request) });
  let fitsNot = false;
  const own: RunControl = {
    ...control,
    // What overloads least is not asked for.
    cancelled: () => fitsNot || control.cancelled(),
    provenOverloaded() {
      fitsNot = true;
    },
  };
  try {
    const model = buildModel(payload(request));
    const plan = await solveModel(model, options, own, sidePrices(model, startPrices));
    if (fitsNot && plan.status === 'overloaded') return { fits: false, moves: [] };
    if (plan.status === 'overloaded' && CUT.has(plan.stopped)) return NO_ANSWER;
    const current = new Map(prefixes.map((one) => [one.prefix, pointId(one.current)]));
    const moved = plan.assignments.filter(({ prefix, egress }) => current.get(prefix) !== egress);
    const moves = moved.map(({ prefix, egress }) => ({ prefix, to: egress.slice(pointId('').length) }));
    return {
      fits: plan.status !== 'overloaded',
      moves,
      ...(startPrices !== undefined && { prices: roomPrices(plan) }),
    };
  } catch (error) {
    // Without an answer nothing is moved; the next tick asks again.
    if (error instanceof EgressoError) return NO_ANSWER;
    throw error;
  }
}

/** Null where there is nothing to begin with. */
function sidePrices({ points }: NetworkModel, prices: RoomPrices = {}): Float64Array | null {
  if (Object.keys(prices).length === 0) return null;
  const known = new Map(Object.entries(prices).map(([id, price]) => [pointId(id), price]));
  const sides = new Float64Array(2 * points.length);
  points.forEach(({ id }, at) => {
    sides[points.length + at] = known.get(id) ?? 0;
  });
  return sides;
}

/** Of the egress sides; volumes and rooms are scaled alike, so that a price is of either. */
function roomPrices({ points }: Plan): RoomPrices {
  const own = points.filter(({ id, egress }) => id !== ORIGIN && egress.shadowPrice > 0);
  return Object.fromEntries(own.map(({ id, egress }) => [id.slice(pointId('').length), egress.shadowPrice]));
}

/** Ways to end before anything is known of what fits. */
const CUT: ReadonlySet<string> = new Set(['time', 'cancelled', 'failed']);

/**
 * Volumes are whole multiples of a millionth of the largest, which branch and bound is quicker with. Rooms get half a unit for
 * each prefix, so that what stays where it is always fits; whoever asked checks the moves with volumes as they are.
 */
function payload({ points, prefixes }: ReallocationRequest): object {
  const ids = points.map(({ id }) => pointId(id));
  const scale = scaleOf(prefixes);
  const whole = (volume: number): number => Math.max(1, Math.round(volume * scale));
  const capacity = (room: number): number => Math.ceil(room * scale) + roundings(prefixes);
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

type Prefixes = ReallocationRequest['prefixes'];

/** Whole units in a unit of the request. */
function scaleOf(prefixes: Prefixes): number {
  const largest = prefixes.reduce((most, { volume }) => Math.max(most, volume), 0);
  return largest > 0 ? WHOLE / largest : 1;
}

/** Whole units that rounding may come to at a point: half a unit for each prefix. */
function roundings(prefixes: Prefixes): number {
  return Math.ceil(prefixes.length / 2);
}
