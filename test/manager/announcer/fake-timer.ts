/** A clock that goes when it is told to. */
import type { Timer } from '../../../src/manager/announcer/lease-announcer.ts';

export class FakeTimer implements Timer {
  time = 0;
  #alarm: { at: number; call: () => void } | null = null;

  now(): number {
    return this.time;
  }

  after(ms: number, call: () => void): Disposable {
    const alarm = { at: this.time + ms, call };
    this.#alarm = alarm;
    return {
      [Symbol.dispose]: () => {
        if (this.#alarm === alarm) this.#alarm = null;
      },
    };
  }

  async advance(to: number): Promise<void> {
    this.time = to;
    const alarm = this.#alarm;
    if (alarm !== null && alarm.at <= to) {
      this.#alarm = null;
      alarm.call();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
