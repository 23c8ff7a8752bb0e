/** Requests about a plan that was made before. */
import { buildModel } from '../model/build-model.ts';
import { pointerTo } from '../model/fault-list.ts';
import type { NetworkModel } from '../model/network-model.ts';
import { parsePlan } from '../plan/parse-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { members, Parts } from './requests.ts';

export interface PlanRequest {
  readonly model: NetworkModel;
  readonly plan: Plan;
  /** Not read yet. */
  readonly options: unknown;
}

/** `{model, plan, options}`. Errors: REQUEST_INVALID, MODEL_INVALID, PLAN_INVALID; the first of them that applies. */
export function parsePlanRequest(body: unknown): PlanRequest {
  const { model, plan, options = {}, ...unknown } = members(body);
  const parts = new Parts();
  for (const key of Object.keys(unknown)) {
    parts.add('REQUEST_INVALID', pointerTo(key), 'unknown key; expected are model, plan, options');
  }
  const part = <T>(key: string, value: unknown, read: () => T): T | undefined => {
    if (value !== undefined) return parts.parse(pointerTo(key), read);
    parts.add('REQUEST_INVALID', pointerTo(key), 'is missing');
    return undefined;
  };
  const built = part('model', model, () => buildModel(model));
  const parsed = part('plan', plan, () => parsePlan(plan));
  return { model: parts.sound(built), plan: parts.sound(parsed), options };
}
