/** Chains that a router has already: under the names that were read, or under some that nobody says. */
import { DIRECTIONS, type RouterPolicy } from '../document.ts';
import { calledBase, contentOf, type KnownChain, type NamedChain, type NamingContext } from './named-policy.ts';

/** A chain that was read, under its name. */
export function knownChain(named: NamedChain): KnownChain {
  const { session, direction, rules, base } = named;
  const content = contentOf(
    rules.map(({ rule }) => rule),
    base,
  );
  return { session, direction, content, named };
}

/**
 * Chains of a policy that came without names and that no plan made: those with a rule of a plan have the names that they
 * were given then.
 */
export function unnamedChains({ sessions }: RouterPolicy, context: NamingContext): KnownChain[] {
  return sessions.flatMap((policy) =>
    DIRECTIONS.flatMap((direction): KnownChain[] => {
      if (policy[direction].length === 0 || policy[direction].some(({ isOwn }) => isOwn)) return [];
      const content = contentOf(policy[direction], calledBase(context, policy.session, direction));
      return [{ session: policy.session, direction, content, named: null }];
    }),
  );
}
