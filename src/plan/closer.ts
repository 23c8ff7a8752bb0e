/** The check's own reading of "closer" (RFC 4271 §9.1.2.2 e–g), apart from the optimizer's rank tables. */
import ipaddr from 'ipaddr.js';
import { distanceBetween, type NetworkModel } from '../model/network-model.ts';

/** Does ingress point i prefer egress a to egress b? Own router, distance, BGP identifier, router id, point id. */
export function closerAt(model: NetworkModel, i: number, a: number, b: number): boolean {
  const keys = (egress: number): (number | string)[] => {
    const point = model.points[egress];
    const router = model.routers[point.router];
    return [
      point.router === model.points[i].router ? 0 : 1,
      distanceBetween(model, i, egress),
      identifier(router.routerId),
      router.id,
      point.id,
    ];
  };
  const [left, right] = [keys(a), keys(b)];
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return left[at] < right[at];
  return false;
}

/** Hexadecimal text of equal length for equal families, so that text compares as the number; none sorts last. */
function identifier(routerId: string | null): string {
  if (routerId === null) return 'none';
  const bytes = ipaddr.parse(routerId).toByteArray();
  return bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .padStart(32, '0');
}
