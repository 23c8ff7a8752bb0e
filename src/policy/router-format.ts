/** Router OS of a router: what its text is for, and how it decides. */
import type { NetworkModel, RouterFormat } from '../model/network-model.ts';

const DEFAULT_FORMAT: RouterFormat = 'frr';

/** `format` of the options, where they have one, is that of all routers. */
export function formatOf(
  { routers }: Pick<NetworkModel, 'routers'>,
  { format }: { readonly format?: RouterFormat },
  router: number,
): RouterFormat {
  return format ?? routers[router].format ?? DEFAULT_FORMAT;
}
