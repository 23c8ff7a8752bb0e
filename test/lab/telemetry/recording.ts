/** Telemetry of a lab over time, as gzipped JSON lines: what a run saw, to be played again without a network. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { RibRoute } from '../observe/rib.ts';
import type { FlowVolume } from './flow-volume.ts';
import type { InterfaceCounters } from './interface-counters.ts';

export interface TelemetrySample {
  /** Since the first sample. */
  readonly atMs: number;
  readonly counters: readonly InterfaceCounters[];
  /** Records that arrived since the sample before. */
  readonly flows: readonly FlowVolume[];
  /** All paths of all routers, as the controller holds them. */
  readonly routes: readonly RibRoute[];
}

const HEADER = { format: 'egresso-lab-telemetry', version: 1 };

export function writeRecording(file: string, samples: readonly TelemetrySample[]): void {
  const lines = [HEADER, ...samples].map((line) => JSON.stringify(line));
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
}

/** @throws Error where the file is no recording of this version. */
export function readRecording(file: string): TelemetrySample[] {
  const [header = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  if (header !== JSON.stringify(HEADER)) throw new Error(`lab: ${file} is no recording: ${header.slice(0, 80)}`);
  return lines.map((line) => JSON.parse(line) as TelemetrySample);
}
