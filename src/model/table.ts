import { isPlainObject, type Table, type TableKinds } from './column.ts';
import { ColumnTable } from './column-table.ts';
import { type FaultList, pointerTo, shown } from './fault-list.ts';
import { RowTable } from './row-table.ts';

/** Opens the list `name` of the payload in whichever form it came; a list that is left out is empty. */
export function openTable<K extends string>(
  payload: Readonly<Record<string, unknown>>,
  name: string,
  kinds: TableKinds<K>,
  faults: FaultList,
): Table<K> {
  const source = payload[name];
  if (isPlainObject(source)) return new ColumnTable(name, kinds, source, faults);
  if (source !== undefined && !Array.isArray(source)) {
    faults.add(pointerTo(name), `must be a list of objects or an object of columns, not ${shown(source)}`);
  }
  return new RowTable(name, kinds, Array.isArray(source) ? source : [], faults);
}
