/** What is said of a manager that is paused, where it is seen and where it is done. */
import type { ManagerFiles } from '../manager/manager-files.ts';

export function pausedReport({ pause }: ManagerFiles): string {
  return `The manager is paused: POST /v1/manager/resume, or delete ${pause}.\n`;
}
