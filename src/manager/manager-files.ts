/** What `egresso run` keeps in its folder, and what the commands beside it look for there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface ManagerFiles {
  readonly audit: string;
  readonly state: string;
  /** There while the manager is paused. */
  readonly pause: string;
  /** There while a manager runs. */
  readonly lock: string;
  /** Touched by the watchdog. */
  readonly watchdog: string;
  /** The mark of what is announced. */
  readonly instance: string;
}

export function managerFiles(data: string): ManagerFiles {
  return {
    audit: join(data, 'audit.jsonl'),
    state: join(data, 'manager-state.json'),
    pause: join(data, 'paused'),
    lock: join(data, 'lock'),
    watchdog: join(data, 'watchdog'),
    instance: join(data, 'instance'),
  };
}

/** Whether a manager, or what looks after one, has been in the folder. */
export function isManagerFolder(data: string): boolean {
  return Object.values(managerFiles(data)).some((path) => existsSync(path));
}
