/**
 * What to move off points above their watermark (claims 29 and 30): least volume, at most `maxChanges` prefixes, no target
 * filled beyond a mark.
 *
 * Questions, the next only where the one before is answered, and not by a relief within what is left of `maxChanges`:
 * 1. all points to the low watermark, targets filled to theirs;
 * 2. all points to the high watermark, targets filled to theirs;
 * 3. where they are several: each point by itself, the fullest first, the same two questions;
 * 4. what is still above its mark, as far as it goes, targets filled to their high watermark. Nothing moved is an answer to that.
 *
 * So a point that can be relieved is not emptied because of one that cannot.
 *
 * A question that the clock has cut is not answered: what comes after it would do worse, and hold the prefixes down. It waits for
 * the next tick, while other points have their turn by 3; cut again, it is given up for the next of its points.
 *
 * Where the time of the tick is over before all is asked, the next tick goes on with what is left, in the same order. The first
 * question of a tick has all the time that there is, so that each gets on; when nothing is left, the next begins with 1 again.
 */
import type { Change } from './decision.ts';
import type { Ledger } from './ledger.ts';
import { acceptedMoves } from './moves.ts';
import type { Reallocation, Reallocator } from './reallocator.ts';
import { markOf, type ReliefScene, reliefRequest } from './relief-request.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ReliefQuestion } from './state.ts';

export interface Relief {
  readonly changes: readonly Change[];
  /** What the optimizer answered, in order. */
  readonly asked: readonly Reallocation[];
  /** What is to be asked in the next tick. */
  readonly queue: readonly ReliefQuestion[];
}

/** `left`: the queue of the relief before. */
export async function relieve(
  { movable, over, ledger, changesLeft }: ReliefScene,
  left: readonly ReliefQuestion[],
  limits: readonly PointLimits[],
  settings: DecisionSettings,
  reallocate: Reallocator,
): Promise<Relief> {
  const asked: Reallocation[] = [];
  const changes: Change[] = [];
  let loads = ledger;

  const ask = async ({ points, goal }: ReliefQuestion): Promise<Outcome> => {
    const moved = new Set(changes.map(({ prefix }) => prefix));
    const free = movable.filter(({ reading }) => !moved.has(reading.prefix));
    const scene = { movable: free, over, ledger: loads, changesLeft: changesLeft - changes.length };
    const relieved = new Set(points);
    const request = reliefRequest(scene, relieved, limits, goal, settings);
    if (request === null) return 'refused';
    const answer = await reallocate(request);
    asked.push(answer);
    // A tick that begins with it has no more time for it than this one.
    if (answer.isOutOfTime === true && asked.length > 1) return 'not asked';
    if (answer.fits === null) return 'cut';
    if (!answer.fits) return 'refused';
    const tried = loads.copy();
    const rules = { mark: markOf(goal), reason: 'relieve', changesLeft: scene.changesLeft, over } as const;
    const accepted = acceptedMoves(answer.moves, free, tried, rules);
    const [before, after] = [loads.excess(relieved), tried.excess(relieved)];
    if (!(after < before && before - after >= settings.minimumGain * before)) return 'refused';
    changes.push(...accepted);
    loads = tried;
    return 'relieved';
  };

  const queue = left.filter(({ points }) => points.every((point) => over.has(point)));
  if (queue.length === 0) queue.push({ points: fullestFirst(over, ledger, limits), goal: 'low' });
  const waiting: ReliefQuestion[] = [];
  for (let question = queue.shift(); question !== undefined; question = queue.shift()) {
    // As far as it goes: not before each point was asked about by itself.
    const isEarly = question.goal === 'least' && waiting.some(({ goal }) => goal !== 'least');
    const outcome = isEarly ? 'not asked' : await ask(question);
    if (outcome === 'not asked') {
      queue.unshift(question);
      break;
    }
    if (outcome === 'cut' && question.isCut !== true) waiting.push({ ...question, isCut: true });
    else if (outcome !== 'relieved') putAfter(question, queue);
  }
  return { changes, asked, queue: [...waiting, ...queue] };
}

/** `refused`: nothing that is worth it does. */
type Outcome = 'relieved' | 'refused' | 'cut' | 'not asked';

/** What is asked about the same points next: at once, but for what comes after all others. */
function putAfter({ points, goal }: ReliefQuestion, queue: ReliefQuestion[]): void {
  if (goal === 'low') queue.unshift({ points, goal: 'high' });
  else if (goal === 'high' && points.length > 1) {
    queue.unshift(...points.map((point) => ({ points: [point], goal: 'low' }) as const));
  } else if (goal === 'high') queue.push({ points, goal: 'least' });
}

function fullestFirst(over: ReadonlySet<string>, ledger: Ledger, limits: readonly PointLimits[]): string[] {
  const utilization = ({ id, capacity }: PointLimits): number => ledger.load(id) / capacity;
  return limits
    .filter(({ id }) => over.has(id))
    .sort((a, b) => utilization(b) - utilization(a) || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}
