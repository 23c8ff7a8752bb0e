/** Memory for jobs: they count with the requests, and within what the key of their owner may have. */
import type { KeySet } from '../../http/access/key-set.ts';
import type { Job } from '../jobs/job.ts';
import type { JobGate, Verdict } from '../jobs/job-gate.ts';
import { type Admission, type Holder, type Obstacle, tooHeavy } from './admission.ts';
import { type RequestWeight, requestWeight } from './request-weight.ts';

/** What would never fit begins, and fails with a reason. */
const VERDICTS: Readonly<Record<Obstacle, Verdict>> = { size: 'begin', holder: 'pass', all: 'wait' };

export class JobAdmission implements JobGate {
  readonly #admission: Admission;
  readonly #keys: KeySet | undefined;

  constructor(admission: Admission, keys: KeySet | undefined) {
    this.#admission = admission;
    this.#keys = keys;
  }

  verdict(job: Job): Verdict {
    const obstacle = this.#admission.obstacle(this.#holderOf(job), weightOf(job));
    return obstacle === null ? 'begin' : VERDICTS[obstacle];
  }

  enter(job: Job): Disposable {
    const holder = this.#holderOf(job);
    const weight = weightOf(job);
    if (this.#admission.obstacle(holder, weight) === 'size') throw tooHeavy(weight, this.#admission.mostFor(holder));
    return this.#admission.hold(holder, weight);
  }

  onRoom(listener: () => void): void {
    this.#admission.onRoom(listener);
  }

  /** A key that is there no more has no limit. */
  #holderOf({ owner }: Job): Holder {
    return { id: owner, memoryBytes: this.#keys?.named(owner)?.memoryBytes ?? Number.POSITIVE_INFINITY };
  }
}

/** Bodies of jobs are kept decompressed. */
function weightOf({ body, bodyType }: Job): RequestWeight {
  return requestWeight(body.size, bodyType);
}
