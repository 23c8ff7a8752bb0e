/** Rules as the decision process asks for them. */
import type { Direction, PolicyRule } from './document.ts';

export interface PolicyRules {
  /** The rule that decides for prefix k on a session, or null. */
  ruleFor(direction: Direction, session: number, k: number): PolicyRule | null;
}
