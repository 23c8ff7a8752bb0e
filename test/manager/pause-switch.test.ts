/** The pause switch, turned by another process. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { AuditLines } from '../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../src/manager/audit/replay.ts';
import { PauseFile } from '../../src/manager/pause-switch.ts';
import { Network } from './paper-network.ts';
import { TICK_MS } from './simulation.ts';

describe('the pause switch', () => {
  let folder: string;
  let network: Network;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'egresso-switch-'));
    network = new Network();
    network.pauseSwitch = new PauseFile(join(folder, 'paused'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('turned by another process, takes everything back at the next tick, and stays', async () => {
    const audit = new AuditLines();
    const manager = network.manager(audit);
    await manager.tick(TICK_MS);
    new PauseFile(join(folder, 'paused')).position = 'withdrawn';
    const result = await manager.tick(2 * TICK_MS);
    expect(result?.decision.changes).toMatchObject([{ action: 'withdraw', reason: 'operator' }]);
    expect([network.announced, network.withdrawalCount, manager.isPaused]).toEqual([[], 1, true]);
    // A manager that is started again stays as it was told to.
    const next = network.manager();
    expect([await next.tick(3 * TICK_MS), network.withdrawalCount]).toEqual([null, 1]);
    next.resume();
    expect(await next.tick(4 * TICK_MS)).not.toBeNull();
    expect(await replayAudit(audit.lines)).toMatchObject({ tickCount: 2, differences: [] });
  });

  it('drops the tick that was just being decided', async () => {
    const audit = new AuditLines();
    const manager = network.manager(audit);
    network.before = () => {
      new PauseFile(join(folder, 'paused')).position = 'paused';
    };
    expect(await manager.tick(TICK_MS)).toBeNull();
    expect([network.announced, network.saved.overrides, audit.lines.length]).toEqual([[], [], 1]);
    expect(manager.isPaused).toBe(true);
  });

  it('holds while routes are lost', async () => {
    network.prefixes = [0, 1, 2, 3, 4].map((k) => ({ ...network.prefixes[0], prefix: `10.0.${k}.0/24`, volume: 25 }));
    const manager = network.manager();
    await manager.tick(TICK_MS);
    expect(network.announced).toHaveLength(2);
    new PauseFile(join(folder, 'paused')).position = 'withdrawn';
    network.announced = [];
    const [{ prefix }] = network.saved.overrides;
    network.prefixes = network.prefixes.map((one) => (one.prefix === prefix ? { ...one, learned: ['a'] } : one));
    network.lose();
    await new Promise((resolve) => setImmediate(resolve));
    expect(network.announced).toEqual([]);
  });

  it('that cannot be read is a pause, and so is one that cannot be written, in its own process', () => {
    const path = join(folder, 'paused');
    mkdirSync(path);
    expect(new PauseFile(path).position).toBe('paused');
    const nowhere = new PauseFile(join(folder, 'nowhere', 'paused'));
    expect(nowhere.position).toBe('running');
    expect(() => {
      nowhere.position = 'withdrawn';
    }).toThrow(EgressoError);
    expect(nowhere.position).toBe('withdrawn');
  });
});
