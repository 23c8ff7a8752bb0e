/** The network around the manager: border routers, their SNMP agents, traffic that follows overrides. Ends with its parent. */
import { FakeAgent } from '../../test/manager/collectors/snmp-agent.ts';
import { nextHopAt } from '../full-table.ts';
import { BorderRouter } from './border-router.ts';
import { type Answer, addressOf, INTERFACE, type Order, ROUTER_COUNT } from './messages.ts';
import { Traffic } from './traffic.ts';

const numbers = Array.from({ length: ROUTER_COUNT }, (_, router) => router);
const egressByNextHop = new Map(numbers.map((router) => [nextHopAt(router), router]));
let routers: readonly BorderRouter[] = [];
let agents: readonly FakeAgent[] = [];
let traffic: Traffic | null = null;

process.on('disconnect', () => process.exit(0));
process.on('message', async (order: Order) => {
  await carryOut(order);
  process.send?.({ done: order.kind } satisfies Answer);
});

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case 'connect':
      routers = await Promise.all(numbers.map((router) => BorderRouter.start(router, addressOf(router), order.port)));
      agents = await Promise.all(numbers.map((router) => startAgent(router, order.snmpPort)));
      return;
    case 'tell':
      await Promise.all(routers.map((router) => router.tell(order.prefixCount)));
      return;
    case 'hold':
      await Promise.all(routers.map((router) => hold(router, order.overrideCount)));
      return;
    case 'send':
      traffic?.[Symbol.dispose]();
      traffic = new Traffic(order, egressOf, (router, bytes) => {
        agents[router].octets += BigInt(bytes);
      });
  }
}

/** By an override, which all routers hear, else where plain BGP sends it. */
function egressOf(k: number): number {
  return egressByNextHop.get(routers[0]?.overrides.get(k) ?? '') ?? 0;
}

async function startAgent(router: number, port: number): Promise<FakeAgent> {
  const agent = await FakeAgent.start(addressOf(router), port);
  agent.name = INTERFACE;
  agent.answer = (request) => {
    agent.upTime = Math.floor(performance.now() / 10);
    return agent.honest(request);
  };
  return agent;
}

function hold(router: BorderRouter, overrideCount: number): Promise<void> {
  return new Promise((resolve) => {
    router.onChange = () => {
      if (router.overrides.size === overrideCount) resolve();
    };
    router.onChange();
  });
}
