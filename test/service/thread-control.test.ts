import { expect, it } from 'vitest';
import type { TaskMessage } from '../../src/service/task.ts';
import { TaskState } from '../../src/service/task-state.ts';
import { ThreadControl } from '../../src/service/thread-control.ts';

it.each([
  { incumbent: 10, bound: 9, gap: 0.1 },
  { incumbent: 0, bound: 0, gap: 0 },
  // Costs of assignments may be negative: an incumbent of 0 is not the best by itself.
  { incumbent: 0, bound: -6, gap: 1 },
  { incumbent: null, bound: 9, gap: null },
])('tells the gap of $incumbent to $bound as $gap', ({ incumbent, bound, gap }) => {
  const told: TaskMessage[] = [];
  const post = (message: TaskMessage): number => told.push(message);
  const control = new ThreadControl({ task: 1, state: new TaskState(), timeLimitMs: 1000, post });
  control.report({ phase: 'search', incumbent, bound });
  expect(told).toEqual([{ task: 1, kind: 'progress', progress: { phase: 'search', incumbent, bound, gap } }]);
});
