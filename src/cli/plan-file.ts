import { parsePlan } from '../plan/parse-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { decodeModel, readModelFile } from './model-file.ts';
import type { Session } from './session.ts';

/** A plan as `solve -o` or `solve --json` writes it. Errors: FILE_UNREADABLE, BODY_MALFORMED, PLAN_INVALID. */
export async function readPlanFile(path: string, { stdin }: Session): Promise<Plan> {
  return parsePlan(decodeModel(await readModelFile(path, stdin)));
}
