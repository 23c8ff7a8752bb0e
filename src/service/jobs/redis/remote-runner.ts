/** Jobs that other processes run. */
import type { Redis } from 'ioredis';
import type { Answer } from '../../task.ts';
import type { JobRunner } from '../job-runner.ts';
import { askForBest, askToCancel } from './control-channel.ts';

export class RemoteRunner implements JobRunner {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The queue does. */
  wake(): void {}

  /** Whoever runs it also looks once a second whether a cancel was asked for. */
  cancel(id: string): void {
    askToCancel(this.#redis, id).catch(() => {});
  }

  bestPlan(id: string): Promise<Answer | null> {
    return askForBest(this.#redis, id);
  }

  async close(): Promise<void> {}
}
