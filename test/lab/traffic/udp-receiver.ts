/** Program: counts datagrams by their content until SIGTERM, then prints the counts. Argument: port. */
import { createSocket } from 'node:dgram';

const counts: Record<string, number> = {};
const socket = createSocket('udp4');
socket.on('message', (message) => {
  const prefix = message.toString('latin1').trimEnd();
  counts[prefix] = (counts[prefix] ?? 0) + 1;
});
socket.bind(Number(process.argv[2]), () => process.stderr.write('ready\n'));
process.once('SIGTERM', () => process.stdout.write(`${JSON.stringify(counts)}\n`, () => process.exit(0)));
