/** What the service does when it hears how a job ended; store and runner are played here. */
import { expect, it, vi } from 'vitest';
import type { Job } from '../../../src/service/jobs/job.ts';
import { JobEvents } from '../../../src/service/jobs/job-events.ts';
import type { JobRunner } from '../../../src/service/jobs/job-runner.ts';
import { JobService } from '../../../src/service/jobs/job-service.ts';
import type { BlobStore, JobStore } from '../../../src/service/jobs/job-store.ts';

it('asks the items that run to end where their batch failed before all of them were made', async () => {
  const cancel = vi.fn();
  const onFault = vi.fn();
  const store: Partial<JobStore> = {
    runningItems: async (batch) => [{ id: `item of ${batch}` } as Job],
    removeEnded: async () => ({ count: 0, hashes: [] }),
    failOverdue: async () => [],
    close: async () => {},
  };
  const blobs: Partial<BlobStore> = { discard: async () => {} };
  let tell = (_job: Job): void => {};
  const service = new JobService({
    ...{ store: store as JobStore, blobs: blobs as BlobStore, events: new JobEvents(Date.now), retentionMs: 1000 },
    ...{ onFault, onChange() {}, onItems() {} },
    runner(onChange) {
      tell = onChange;
      return { cancel, wake() {}, bestPlan: async () => null, close: async () => {} } satisfies JobRunner;
    },
  });
  const batch = { id: 'b', operation: 'batch', batch: null, itemCount: null, body: { hash: 'body', size: 4 } } as Job;
  tell({ ...batch, state: 'running' });
  tell({ ...batch, state: 'failed' });
  await vi.waitFor(() => expect(cancel.mock.calls).toEqual([['item of b']]));
  await service.close();
  expect(onFault).not.toHaveBeenCalled();
});
