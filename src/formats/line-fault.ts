import type { EgressoError } from '../errors.ts';
import { FaultList } from '../model/fault-list.ts';

/** The error for a single fault after which a file cannot be read any further. Lines count from 1. */
export function lineFault(fileName: string, line: number, message: string): EgressoError {
  const faults = new FaultList();
  faults.add(`/line/${line}`, message);
  return faults.toError('FORMAT_INVALID', fileName);
}
