/** Whether this machine can run a lab at all; the one place that decides it. */
import { attempt } from '../network/command.ts';
import { installPackages } from './packages.ts';

/** Null where labs run; otherwise the reason why not. Installs missing packages where it may. */
export async function labUnavailable(log: (line: string) => void): Promise<string | null> {
  if (process.platform !== 'linux') return `network namespaces need Linux, this is ${process.platform}`;
  if (process.env.EGRESSO_LAB === 'off') return 'EGRESSO_LAB=off';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const reason = await installPackages(log);
  if (reason !== null) return reason;
  const name = `egr${process.pid}x0-probe`;
  const { status, stderr } = await attempt('ip', ['netns', 'add', name]);
  if (status !== 0) return `no network namespaces: ${stderr.trim()}`;
  const veth = await attempt('ip', ['-n', name, 'link', 'add', 'probe0', 'type', 'veth', 'peer', 'name', 'probe1']);
  await attempt('ip', ['netns', 'delete', name]);
  return veth.status === 0 ? null : `no veth links: ${veth.stderr.trim()}`;
}
