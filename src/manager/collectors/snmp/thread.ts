/** The thread that speaks SNMP: each question is answered with a reply of each agent, then with `ANSWERED`. */
import { parentPort, workerData } from 'node:worker_threads';
import { ANSWERED, READY } from '../../watched-thread.ts';
import { SnmpAgent } from './agent.ts';
import type { SnmpReply, SnmpThreadData } from './messages.ts';

const { interfaces, options } = workerData as SnmpThreadData;
const agents = [...new Set(interfaces.map(({ agent }) => agent))].map((address) => {
  const own = interfaces.filter(({ agent }) => agent === address);
  return new SnmpAgent(address, own, options);
});

parentPort?.on('message', async () => {
  await Promise.all(agents.map(reply));
  parentPort?.postMessage(ANSWERED);
});

parentPort?.postMessage(READY);

async function reply(agent: SnmpAgent): Promise<void> {
  const readings = await agent.read();
  const message: SnmpReply = { readings, malformedCount: agent.malformedCount };
  agent.malformedCount = 0;
  parentPort?.postMessage(message);
}
