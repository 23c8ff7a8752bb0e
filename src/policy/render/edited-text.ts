/** A router that takes changes of the policy that it has: the whole of a policy is the change from none. */
import { presentPolicy } from './named-change.ts';
import { type NamedPolicy, namePolicy } from './named-policy.ts';
import { type RenderContext, type Renderer, type RouterState, readText } from './renderer.ts';

/** Lines that lead from one policy to another; `present`: null for a router without policy. */
export type ChangeLines = (present: NamedPolicy | null, to: NamedPolicy, context: RenderContext) => string[];

/** `separator`: see `namePolicy`; `State`: a router without policy. */
export function editedText(
  separator: '-' | '_',
  changeLines: ChangeLines,
  State: new (router: string, context: RenderContext) => RouterState,
): Pick<Renderer, 'render' | 'change' | 'state' | 'read'> {
  const text = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`);
  return {
    render: (policy, context) => text(changeLines(null, namePolicy(policy, separator, context), context)),
    change(from, to, context, fromContext = context) {
      const next = namePolicy(to, separator, context);
      return text(changeLines(presentPolicy(namePolicy(from, separator, fromContext), next), next, context));
    },
    state: (router, context) => new State(router, context),
    read: (written, router, context) => readText(new State(router, context), written),
  };
}
