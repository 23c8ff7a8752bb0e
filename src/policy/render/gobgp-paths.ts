/** Commands of GoBGP's client that inject a path and withdraw it again. */
import { familyOfPrefix } from '../document.ts';
import type { InjectedPath } from '../report.ts';

/** Paths of one prefix are told apart by their identifiers (RFC 7911): a second one would take the place of the first. */
export function gobgpCommands(
  path: Omit<InjectedPath, 'inject' | 'withdraw'>,
): Pick<InjectedPath, 'inject' | 'withdraw'> {
  const { prefix, identifier, nextHop, localPref, asPath, origin, med, communities } = path;
  const table = `gobgp global rib -a ipv${familyOfPrefix(prefix)}`;
  const [plain, large] = [2, 3].map((parts) => communities.filter((one) => one.split(':').length === parts));
  const attributes = [
    `identifier ${identifier}`,
    `origin ${origin}`,
    `nexthop ${nextHop}`,
    ...(med === undefined ? [] : [`med ${med}`]),
    `local-pref ${localPref}`,
    ...(asPath.length === 0 ? [] : [`aspath "${asPath.join(' ')}"`]),
    ...(plain.length === 0 ? [] : [`community ${plain.join(',')}`]),
    ...(large.length === 0 ? [] : [`large-community ${large.join(',')}`]),
  ];
  return {
    inject: `${table} add ${prefix} ${attributes.join(' ')}`,
    withdraw: `${table} del ${prefix} identifier ${identifier}`,
  };
}
