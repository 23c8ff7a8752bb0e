/** The three sources of an egress traffic manager, of a whole lab: counters, flows, routes. */
import type { Lab } from '../lab.ts';
import type { Daemon } from '../network/daemon.ts';
import { FlowCollector } from './flow-volume.ts';
import { type LinkSpeeds, readCounters, startAgent } from './interface-counters.ts';
import type { TelemetrySample } from './recording.ts';

export class Telemetry implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #agents: readonly Daemon[];
  readonly #flows: FlowCollector;
  readonly #samples: TelemetrySample[] = [];
  #start = 0;
  #flowCount = 0;

  /** Needs a lab with a controller. */
  static async start(lab: Lab, speeds: LinkSpeeds): Promise<Telemetry> {
    const flows = new FlowCollector(lab);
    const agents = await Promise.all(lab.borderRouters.map(({ id }) => startAgent(lab, id, speeds)));
    return new Telemetry(lab, agents, flows);
  }

  private constructor(lab: Lab, agents: readonly Daemon[], flows: FlowCollector) {
    this.#lab = lab;
    this.#agents = agents;
    this.#flows = flows;
  }

  /** Every sample taken so far. */
  get samples(): readonly TelemetrySample[] {
    return this.#samples;
  }

  async sample(): Promise<TelemetrySample> {
    const now = performance.now();
    if (this.#samples.length === 0) this.#start = now;
    const counters = await Promise.all(this.#lab.borderRouters.map(({ id }) => readCounters(this.#lab, id)));
    const flows = this.#flows.volumes(this.#flowCount);
    this.#flowCount += flows.length;
    const sample = {
      atMs: Math.round(now - this.#start),
      counters: counters.flat(),
      flows,
      routes: await this.#lab.controller.rib(),
    };
    this.#samples.push(sample);
    return sample;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#flows.stop(), ...this.#agents.map((agent) => agent.stop())]);
  }
}
