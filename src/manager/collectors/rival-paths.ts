/**
 * Paths of another manager in the same gobgpd: put in over gRPC, with our community, and without our mark. What the table and the
 * watch tell is suspected only; it counts as long as gobgpd has it when it is asked.
 */
import type { RivalPath } from '../decision/observation.ts';
import { isGiven, isOwn, type OwnMark, type ReceivedRoute } from '../gobgp/path.ts';

export class RivalPaths {
  readonly #mark: OwnMark;
  readonly #suspects = new Set<string>();
  #found: readonly RivalPath[] = [];

  constructor(mark: OwnMark) {
    this.#mark = mark;
  }

  /** As of the last time that gobgpd was asked; by prefix. */
  get found(): readonly RivalPath[] {
    return this.#found;
  }

  /** Prefixes to ask for. */
  get suspects(): readonly string[] {
    return [...this.#suspects];
  }

  hear(route: ReceivedRoute): void {
    if (!route.isWithdraw && this.#isRival(route)) this.#suspects.add(route.prefix);
  }

  /** `routes`: all paths of the prefixes that were `asked` for. */
  settle(asked: readonly string[], routes: readonly ReceivedRoute[]): void {
    for (const prefix of asked) this.#suspects.delete(prefix);
    const found = routes.filter((route) => this.#isRival(route));
    for (const { prefix } of found) this.#suspects.add(prefix);
    this.#found = found
      .map(({ prefix, pathId }): RivalPath => ({ prefix, instance: pathId }))
      .sort((a, b) => (a.prefix === b.prefix ? a.instance - b.instance : a.prefix < b.prefix ? -1 : 1));
  }

  /** Where nothing is announced nobody is one. */
  #isRival(route: ReceivedRoute): boolean {
    return this.#mark.instance !== null && isGiven(route, this.#mark.community) && !isOwn(route, this.#mark);
  }
}
