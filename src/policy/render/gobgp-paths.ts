/** Commands of GoBGP's client that inject a path and withdraw it again. */
import { isCommunity } from '../document.ts';
import type { InjectedPath } from '../report.ts';
import { familyOfPrefix } from './named-policy.ts';

/** Well-known communities go by name; what is neither name nor number is left out: nobody could read it. */
const NAMED = /^[a-z-]+$/;

export function gobgpCommands(
  path: Omit<InjectedPath, 'inject' | 'withdraw'>,
): Pick<InjectedPath, 'inject' | 'withdraw'> {
  const { prefix, nextHop, localPref, asPath, origin, med, communities } = path;
  const table = `gobgp global rib -a ipv${familyOfPrefix(prefix)}`;
  const plain = communities.filter((one) => NAMED.test(one) || (one.split(':').length === 2 && isNumeric(one)));
  const large = communities.filter((one) => one.split(':').length === 3 && isNumeric(one));
  const attributes = [
    `origin ${origin}`,
    `nexthop ${nextHop}`,
    `med ${med}`,
    `local-pref ${localPref}`,
    ...(asPath.length === 0 ? [] : [`aspath "${asPath.join(' ')}"`]),
    ...(plain.length === 0 ? [] : [`community ${plain.join(',')}`]),
    ...(large.length === 0 ? [] : [`large-community ${large.join(',')}`]),
  ];
  return { inject: `${table} add ${prefix} ${attributes.join(' ')}`, withdraw: `${table} del ${prefix}` };
}

function isNumeric(community: string): boolean {
  return /^\d+(:\d+)+$/.test(community) && isCommunity(community);
}
