/**
 * Program: sends one small datagram to each target in turn, evenly, until SIGTERM, then prints how many.
 * Arguments: packets per second, bytes of a datagram, source address, port, targets as `prefix=address`. A datagram says its
 * prefix, filled up with blanks.
 */
import { createSocket } from 'node:dgram';

const [rate = '0', size = '0', source = '', port = '0', ...targets] = process.argv.slice(2);
const TICK_MS = 10;
const socket = createSocket('udp4');
const aims = targets.map((target) => target.split('=') as [string, string]);
const started = performance.now();
let sent = 0;

socket.bind({ address: source, port: 0 }, () => {
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1_000) * Number(rate);
    for (; sent < due; sent++) {
      const [prefix, address] = aims[sent % aims.length]!;
      socket.send(prefix.padEnd(Number(size)), Number(port), address, () => {}); // an unreachable network is a loss, not a fault
    }
  }, TICK_MS);
  process.stderr.write('ready\n');
  process.once('SIGTERM', () => {
    clearInterval(timer);
    process.stdout.write(`${JSON.stringify({ sent })}\n`, () => process.exit(0));
  });
});
