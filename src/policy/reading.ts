/** A router that takes texts: each is read back on top of those before, and has to come to what it is for. */
import { EgressoError } from '../errors.ts';
import { policyDifference } from './difference.ts';
import type { RouterPolicy } from './document.ts';
import type { Finding } from './finding.ts';
import type { Uncalled } from './render/named-policy.ts';
import type { ReadPolicy, RenderContext, Renderer, RouterState } from './render/renderer.ts';

export class Reading {
  readonly findings: Finding[] = [];
  readonly #renderer: Renderer;
  readonly #context: RenderContext;
  readonly #router: string;
  #state: RouterState;

  /** A router without policy. */
  constructor(renderer: Renderer, context: RenderContext, router: string) {
    this.#renderer = renderer;
    this.#context = context;
    this.#router = router;
    this.#state = renderer.state(router, context);
  }

  /** A router without policy takes texts, and has to end with `meant`. No text is nothing to read. */
  start(texts: readonly string[], meant: RouterPolicy, what: string): ReadPolicy | null {
    if (texts.length === 0) return null;
    this.#state = this.#renderer.state(this.#router, this.#context);
    for (const text of texts.slice(0, -1)) this.#state.take(text);
    if (texts.length > 1) this.#state.read();
    return this.go(texts[texts.length - 1], meant, what);
  }

  /** The router takes one more. `uncalled`: what does not call its base policy then. */
  go(text: string, meant: RouterPolicy, what: string, uncalled: readonly Uncalled[] = []): ReadPolicy | null {
    const fail = (message: string) =>
      this.findings.push({ kind: 'read-back', message: `${this.#router}, ${what}: ${message}` });
    try {
      this.#state.take(text);
      const read = this.#state.read();
      for (const { session, direction, change, rule } of policyDifference([meant], [read.policy])) {
        const verb = change === 'add' ? 'has' : 'lacks';
        fail(`session ${session}, ${direction}, ${verb} a rule for ${rule.prefixes[0]}`);
      }
      for (const { chain } of without(read.uncalled, uncalled)) fail(`${chain} does not call the base policy`);
      for (const { session, chain } of without(uncalled, read.uncalled)) fail(`${session} does not have ${chain}`);
      return read;
    } catch (error) {
      if (!(error instanceof EgressoError)) throw error;
      fail(error.message);
      return null;
    }
  }
}

function without(some: readonly Uncalled[], others: readonly Uncalled[]): Uncalled[] {
  const known = new Set(others.map(attached));
  return some.filter((one) => !known.has(attached(one)));
}

const attached = ({ session, direction, family, chain }: Uncalled): string =>
  `${session} ${direction} ${family} ${chain}`;
