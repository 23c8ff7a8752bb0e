/** What a router OS has to offer: text for a policy, text that leads from one policy to another, and reading its own text. */
import type { RouterFormat } from '../../model/network-model.ts';
import type { PolicyRule, RouterPolicy } from '../document.ts';

/** A session of the router that policy is for, as its text may refer to it. */
export interface RenderedSession {
  /** Letters, digits, underscores; unique within the router. */
  readonly name: string;
  /**
   * Canonical text, or null where the model does not say it: the text then attaches policy to a group of the session's
   * name (peer group, neighbor group), which the operator has to have.
   */
  readonly peerAddress: string | null;
  /** 0 where it is not known. */
  readonly peerAsn: number;
}

export interface RenderContext {
  /** Our ASN, or null. */
  readonly asn: number | null;
  /** Sessions of this router, in the order of their names. */
  readonly sessions: readonly RenderedSession[];
}

export interface Renderer {
  readonly format: RouterFormat;
  /** Why the router OS cannot do what a rule asks for on a session; null where it can. */
  refuses(rule: PolicyRule, session: RenderedSession, context: RenderContext): string | null;
  /** The whole policy of the router, as its configuration holds it. Ends in a newline, or is empty. */
  render(policy: RouterPolicy, context: RenderContext): string;
  /**
   * What leads from one policy to another, in the form and the order in which the router OS takes changes: nothing is used
   * before it is defined or removed while it is used. Empty where the two are equal.
   */
  change(from: RouterPolicy, to: RouterPolicy, context: RenderContext): string;
  /**
   * Reads a text of the form that `render` writes. Errors: POLICY_INVALID with a `/line/N` pointer for everything that it
   * does not know, for names that are not defined, and for sessions that the router does not have.
   */
  read(text: string, router: string, context: RenderContext): RouterPolicy;
}
