/** The (ingress, egress) of real packets, in the words of a plan. */
import type { Lab } from '../lab.ts';

export interface ObservedChoice {
  readonly neighbor: string;
  readonly prefix: string;
  /** First and last border router that the packets passed. */
  readonly ingress: string;
  readonly egress: string;
}

/** @throws Error where packets of a pair do not arrive, or pass a node that keeps silent. */
export async function observeChoices(
  lab: Lab,
  neighbors: readonly string[],
  prefixes: readonly string[],
): Promise<ObservedChoice[]> {
  const choices: ObservedChoice[] = [];
  for (const neighbor of neighbors) {
    for (const prefix of prefixes) {
      const { hops, delivered } = await lab.path(neighbor, prefix);
      if (!delivered || hops.length === 0 || hops.includes('?')) {
        throw new Error(`lab: ${neighbor} to ${prefix}: ${hops.join(' ')} ${delivered ? '' : 'not delivered'}`);
      }
      choices.push({ neighbor, prefix, ingress: hops[0]!, egress: hops.at(-1)! });
    }
  }
  return choices;
}
