import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Lab } from './lab.ts';
import { run } from './network/command.ts';
import { removeOrphans } from './network/run.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { describeLab } from './setup/describe-lab.ts';

const topology: LabTopology = {
  asn: 64500,
  routers: [
    { id: 'b1', kind: 'frr' },
    { id: 'b2', kind: 'bird' },
  ],
  links: [{ from: 'b1', to: 'b2', cost: 10, reverseCost: 10 }],
  neighbors: [],
  controller: { id: 'ctl', at: 'b1' },
};

describeLab('the end of a lab', () => {
  test('leaves no process, namespace or folder', async () => {
    const lab = await Lab.start(topology);
    const pids = [...lab.borderRouters, lab.controller].flatMap((router) => router.pids);
    expect(pids.length).toBe(5);
    await lab.stop();
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(await namespacesOf(process.pid)).toEqual([]);
    expect(existsSync(lab.folder)).toBe(false);
  });

  test('comes after a start that fails, too', async () => {
    const twice = { ...topology, links: [...topology.links, ...topology.links] };
    await expect(Lab.start(twice)).rejects.toThrow(/File exists/);
    expect(await namespacesOf(process.pid)).toEqual([]);
  });

  test('of a killed process is made up for by the next run', async () => {
    const program = `
      import { Lab } from ${JSON.stringify(join(import.meta.dirname, 'lab.ts'))};
      const lab = await Lab.start(${JSON.stringify(topology)});
      console.log(JSON.stringify([lab.folder, lab.borderRouters.flatMap((router) => router.pids)]));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const [folder, pids] = JSON.parse(String(line)) as [string, number[]];
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(await namespacesOf(child.pid!)).toHaveLength(3);
    await removeOrphans();
    expect(await namespacesOf(child.pid!)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    const gone = async () => !pids.some((pid) => existsSync(`/proc/${pid}`)) || undefined;
    expect(await waitFor('its daemons to be gone', gone, 5_000)).toBe(true);
  });

  test('a checker sees what GoBGP would refuse', async () => {
    await using lab = await Lab.start(topology);
    expect(await lab.controller.check('')).toMatchObject({ status: 0 });
    expect((await lab.controller.check('[[policy-definitions]\n')).status).not.toBe(0);
  });
});

async function namespacesOf(pid: number): Promise<string[]> {
  return (await run('ip', ['netns', 'list'])).split('\n').filter((line) => line.startsWith(`egr${pid}x`));
}
