import { readAdvertisements } from './advertisements.ts';
import { isPlainObject } from './column.ts';
import { readDistances } from './distances.ts';
import { withAdvertisedEgress } from './egress.ts';
import { eligibleArcs } from './eligibility.ts';
import { FaultList, shown } from './fault-list.ts';
import { hashOf } from './hash.ts';
import { readHeader } from './header.ts';
import { readNeighbors } from './neighbors.ts';
import type { NetworkModel } from './network-model.ts';
import { readPoints } from './points.ts';
import { readPrefixTable } from './prefixes.ts';
import { checkReachability } from './reachability.ts';
import { readSessions } from './sessions.ts';
import { readCurrent, readTraffic } from './traffic.ts';

/**
 * Builds the model of a payload (`docs/model.md`), rows or columns. The payload is not changed and nothing of it is
 * kept but `metadata`.
 *
 * @throws EgressoError MODEL_INVALID with all faults at once, each with its pointer.
 */
export function buildModel(payload: unknown): NetworkModel {
  const faults = new FaultList();
  if (!isPlainObject(payload)) {
    faults.add('', `must be an object, not ${shown(payload)}`);
    throw faults.toError('MODEL_INVALID', 'The model');
  }
  const model = readModel(payload, faults);
  if (faults.count > 0) throw faults.toError('MODEL_INVALID', 'The model');
  return { ...model, hash: hashOf(model) };
}

/** Where there are faults, the result is good for nothing but looking for more. */
function readModel(payload: Readonly<Record<string, unknown>>, faults: FaultList): Omit<NetworkModel, 'hash'> {
  const header = readHeader(payload, faults);
  const beforePaths = faults.count;
  const { routers, points, routerDirectory, pointDirectory } = readPoints(payload, faults);
  const { routerDistance, innerRouters } = readDistances(payload, routerDirectory, pointDirectory, faults);
  const arePathsSound = faults.count === beforePaths;
  const { neighbors, neighborDirectory, isIngressFaulty } = readNeighbors(payload, pointDirectory, faults);
  const { given, prefixDirectory, isEgressFaulty } = readPrefixTable(payload, pointDirectory, faults);
  const beforeRoutes = faults.count;
  const advertisements = readAdvertisements(payload, prefixDirectory, pointDirectory, faults);
  const sessions = readSessions(payload, pointDirectory, neighborDirectory, faults);
  const areRoutesSound = faults.count === beforeRoutes;
  const prefixes = withAdvertisedEgress(given, advertisements);
  const pairs = readTraffic(payload, neighborDirectory, prefixDirectory, faults);
  const directories = { neighbors: neighborDirectory, prefixes: prefixDirectory, points: pointDirectory };
  const current = readCurrent(payload, pairs, directories, faults);
  const eligible = areRoutesSound ? eligibleArcs(prefixes, pairs, advertisements, sessions, neighbors) : null;
  const network = { ...header, routers, points, neighbors, routerDistance, innerRouters, prefixes };
  const isAdvertised = (k: number): boolean => given.egressStart[k] === given.egressStart[k + 1];
  const knowns = {
    routerDistance: arePathsSound ? routerDistance : null,
    isNeighborOpen: isIngressFaulty,
    isPrefixOpen: isEgressFaulty.map((isFaulty, k) => (!areRoutesSound && isAdvertised(k) ? 1 : isFaulty)),
  };
  checkReachability({ ...network, pairs, eligible, ...knowns }, faults);
  const { start, neighbor, volume } = pairs;
  const traffic = { count: neighbor.length, start, neighbor, volume, eligible, ...current };
  return { ...network, traffic, advertisements, sessions };
}
