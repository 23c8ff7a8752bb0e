import type { Table } from './column.ts';
import { canonicalOrder, checkUnique, type Directory, IdDirectory } from './directory.ts';
import { type FaultList, shown } from './fault-list.ts';
import type { Point, Router, RouterFormat } from './network-model.ts';
import { readAddresses, readChoices, readMeasures, readReferences, readTexts } from './read-column.ts';
import { openTable } from './table.ts';
import { INTERFACE_KINDS, ROUTER_KINDS } from './tables.ts';

export const ROUTER_FORMATS: readonly RouterFormat[] = ['frr', 'bird', 'gobgp', 'junos', 'iosxr'];

/** Full tables of distances between more routers than this would not fit (Float64 [8192 × 8192] is 512 MiB). */
export const MAX_ROUTERS = 8192;

export interface PointTables {
  readonly routers: readonly Router[];
  readonly points: readonly Point[];
  readonly routerDirectory: Directory;
  readonly pointDirectory: Directory;
}

/**
 * Reads `routers` and `interfaces`. The points of the payload are the routers without interfaces, in their order, then
 * the interfaces, in theirs: that is what an index of a point counts.
 */
export function readPoints(payload: Readonly<Record<string, unknown>>, faults: FaultList): PointTables {
  const routerTable = openTable(payload, 'routers', ROUTER_KINDS, faults);
  const interfaceTable = openTable(payload, 'interfaces', INTERFACE_KINDS, faults);
  if (routerTable.count > MAX_ROUTERS) {
    faults.add(
      '/routers',
      `has ${routerTable.count} routers; at most ${MAX_ROUTERS} may be listed, links may name more`,
    );
  }
  const routerIds = readIds(routerTable);
  const interfaceIds = readIds(interfaceTable);
  checkNamespace(routerTable, routerIds, interfaceTable, interfaceIds, faults);

  const routerOrder = canonicalOrder(routerIds);
  const sortedRouterIds = Array.from(routerOrder, (row) => routerIds[row]);
  const routerDirectory = new IdDirectory('router', sortedRouterIds, routerOrder);
  const owners = readReferences(interfaceTable.column('router'), routerDirectory, true);
  const hasInterfaces = new Uint8Array(routerTable.count);
  for (const router of owners) if (router >= 0) hasInterfaces[router] = 1;

  const ownPoints = readOwnPoints(routerTable, routerIds, routerDirectory.ranks, hasInterfaces, faults);
  const rows = [...ownPoints, ...readInterfacePoints(interfaceTable, interfaceIds, owners)];
  const pointOrder = canonicalOrder(rows.map(({ id }) => id));
  const points = Array.from(pointOrder, (row) => rows[row]);
  const ids = points.map(({ id }) => id);
  return {
    routers: readRouters(routerTable, routerIds, routerOrder),
    points,
    routerDirectory,
    pointDirectory: new PointDirectory(ids, pointOrder, routerDirectory),
  };
}

/** Names a router with interfaces for what it is. */
class PointDirectory extends IdDirectory {
  readonly #routers: Directory;

  constructor(ids: readonly string[], order: Int32Array, routers: Directory) {
    super('point', ids, order);
    this.#routers = routers;
  }

  override find(name: string): number | string {
    const found = super.find(name);
    if (typeof found === 'number' || typeof this.#routers.find(name) === 'string') return found;
    return 'the id of one of its interfaces, because this router has some';
  }
}

function readIds(table: Table<'id'>): string[] {
  return readTexts(table.column('id'), true).map((id) => id ?? '');
}

function checkNamespace(
  routerTable: Table<'id'>,
  routerIds: readonly string[],
  interfaceTable: Table<'id'>,
  interfaceIds: readonly string[],
  faults: FaultList,
): void {
  const ids = [...routerIds, ...interfaceIds];
  const pointer = (row: number): string =>
    row < routerIds.length ? routerTable.pointer(row, 'id') : interfaceTable.pointer(row - routerIds.length, 'id');
  checkUnique(ids, canonicalOrder(ids), pointer, faults);
}

/** The routers that are points themselves. The others may carry neither capacity nor price. */
function readOwnPoints(
  table: Table<keyof typeof ROUTER_KINDS>,
  ids: readonly string[],
  ranks: Int32Array,
  hasInterfaces: Uint8Array,
  faults: FaultList,
): Point[] {
  const capacityKeys = ['ingressCapacity', 'egressCapacity', 'price'] as const;
  const [ingressCapacity, egressCapacity, price] = capacityKeys.map((key) => {
    const column = table.column(key);
    for (let row = 0; row < table.count; row++) {
      const value = column.values?.[row];
      if (column.values === null || value === column.absent || hasInterfaces[ranks[row]] === 0) continue;
      const message = `must be left out, not ${shown(value)}, because the interfaces of the router carry it`;
      faults.add(() => column.pointer(row), message);
    }
    return readMeasures(column, key === 'price' ? 0 : Infinity);
  });
  return ids.flatMap((id, row) => {
    const router = ranks[row];
    if (hasInterfaces[router] !== 0) return [];
    return {
      id,
      router,
      ingressCapacity: ingressCapacity[row],
      egressCapacity: egressCapacity[row],
      price: price[row],
    };
  });
}

function readInterfacePoints(
  table: Table<keyof typeof INTERFACE_KINDS>,
  ids: readonly string[],
  owners: Int32Array,
): Point[] {
  const ingressCapacity = readMeasures(table.column('ingressCapacity'), Infinity);
  const egressCapacity = readMeasures(table.column('egressCapacity'), Infinity);
  const price = readMeasures(table.column('price'), 0);
  return ids.map((id, row) => ({
    id,
    router: owners[row],
    ingressCapacity: ingressCapacity[row],
    egressCapacity: egressCapacity[row],
    price: price[row],
  }));
}

function readRouters(table: Table<keyof typeof ROUTER_KINDS>, ids: readonly string[], order: Int32Array): Router[] {
  const addresses = readAddresses(table.column('address'));
  const routerIds = readAddresses(table.column('routerId'));
  const formats = readChoices(table.column('format'), ROUTER_FORMATS);
  return Array.from(order, (row) => ({
    id: ids[row],
    address: addresses[row],
    routerId: routerIds[row] ?? addresses[row],
    format: formats[row],
  }));
}
