/** What a router OS has to offer: text for a policy, text that leads from one policy to another, and reading its own text. */
import type { RouterFormat } from '../../model/network-model.ts';
import type { BaseNames } from '../base-policy.ts';
import type { PolicyRule, RouterPolicy } from '../document.ts';
import type { KnownChain, NamedChain, Uncalled } from './named-policy.ts';
import type { PrefixTexts } from './prefix-texts.ts';

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
  /** Peer group or neighbor group in the configuration of the router, written as it is there. Left out: `name`. */
  readonly group?: string;
  /** Policy of the operator's that the session has. */
  readonly base?: BaseNames;
  /** Not every route may be told to the peer, so that no text may let all of them out. */
  readonly isRestricted?: boolean;
}

export interface RenderContext {
  /** Our ASN, or null. */
  readonly asn: number | null;
  /** Sessions of this router, in the order of their names. */
  readonly sessions: readonly RenderedSession[];
  /** Policy that the router has already, under the names that it has there. */
  readonly existing?: readonly KnownChain[];
  /** What it has of that does not call the base policy of its session, which was named since. */
  readonly uncalled?: readonly Uncalled[];
  /** Prefixes that texts name often: found here, they need not be parsed. */
  readonly prefixTexts?: PrefixTexts;
}

/** The policy of a router that takes texts one after the other. */
export interface RouterState {
  /**
   * A text of the form that `render` or `change` writes, on top of those before. Errors: POLICY_INVALID with a `/line/N`
   * pointer for everything that it does not know.
   */
  take(text: string): void;
  /** Errors: POLICY_INVALID for names that are not defined or of no use, and for sessions that the router does not have. */
  read(): ReadPolicy;
}

export interface ReadPolicy {
  readonly policy: RouterPolicy;
  /** The same under the names that it has there. */
  readonly chains: readonly NamedChain[];
  readonly uncalled: readonly Uncalled[];
}

export interface Renderer {
  readonly format: RouterFormat;
  /** Why the router OS cannot do what a rule asks for on a session; null where it can. */
  refuses(rule: PolicyRule, session: RenderedSession, context: RenderContext): string | null;
  /** Why the router OS cannot call the base policy of a session; null where it can. */
  refusesBase(session: RenderedSession): string | null;
  /** The whole policy of the router, as its configuration holds it. Ends in a newline, or is empty. */
  render(policy: RouterPolicy, context: RenderContext): string;
  /**
   * What leads from one policy to another, in the form and the order in which the router OS takes changes: nothing is used
   * before it is defined or removed while it is used. Empty where the two are equal. `fromContext`: what the text of `from`
   * refers to, where that is something else.
   */
  change(from: RouterPolicy, to: RouterPolicy, context: RenderContext, fromContext?: RenderContext): string;
  /** A router without policy. */
  state(router: string, context: RenderContext): RouterState;
  /** Reads one text. Errors: those of `RouterState`. */
  read(text: string, router: string, context: RenderContext): RouterPolicy;
}

/** What a router has that takes one text. */
export function readText(state: RouterState, text: string): RouterPolicy {
  state.take(text);
  return state.read().policy;
}
