import { EgressoError } from '../../../src/errors.ts';
import type { AnnouncedPath } from '../../../src/manager/announcer/announcer.ts';
import { contentOf } from '../../../src/manager/announcer/difference.ts';
import type { Speaker } from '../../../src/manager/announcer/speaker.ts';

export const path = (prefix: string, nextHop = '192.0.2.1', leaseUntilMs = 1000): AnnouncedPath => ({
  prefix,
  nextHop,
  leaseUntilMs,
  point: 'a',
  asPath: [64601],
  origin: 'igp',
  med: null,
  communities: [],
});

/** A daemon that may lose its memory, or not answer. */
export class ForgetfulDaemon implements Speaker {
  readonly paths = new Map<string, string>();
  readonly calls: string[] = [];
  readonly content = contentOf;
  isDown = false;
  reading: Promise<void> | null = null;
  #callsToFailure = Number.POSITIVE_INFINITY;

  /** One call, after so many, is not answered. */
  failAt(callCount: number): void {
    this.#callsToFailure = callCount;
  }

  async own(prefixes?: readonly string[]): Promise<Map<string, string>> {
    this.#answer(prefixes === undefined ? 'all' : `own ${prefixes.join(' ')}`);
    await this.reading;
    return new Map([...this.paths].filter(([prefix]) => prefixes?.includes(prefix) ?? true));
  }

  async announce(paths: readonly AnnouncedPath[]): Promise<void> {
    if (paths.length > 0) this.#answer(`announce ${paths.map(({ prefix }) => prefix).join(' ')}`);
    for (const one of paths) this.paths.set(one.prefix, contentOf(one));
  }

  async withdraw(prefix: string): Promise<void> {
    this.#answer(`withdraw ${prefix}`);
    this.paths.delete(prefix);
  }

  [Symbol.dispose](): void {}

  #answer(call: string): void {
    if (this.isDown || this.#callsToFailure-- === 0) throw new EgressoError('SERVICE_UNAVAILABLE', 'down');
    this.calls.push(call);
  }
}
