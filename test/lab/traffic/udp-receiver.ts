/**
 * Program: counts datagrams by their content until SIGTERM, then prints the counts, and how many more had come that the program was
 * too late for: on a busy machine its socket overflows. Argument: port.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const counts: Record<string, number> = {};
const port = Number(process.argv[2]);
const socket = createSocket('udp4');
socket.on('message', (message) => {
  const prefix = message.toString('latin1').trimEnd();
  counts[prefix] = (counts[prefix] ?? 0) + 1;
});
socket.bind(port, () => process.stderr.write('ready\n'));
process.once('SIGTERM', () => {
  const report = JSON.stringify({ counts, overflowCount: overflows() });
  process.stdout.write(`${report}\n`, () => process.exit(0));
});

/** Last column of the line of the socket in proc(5) /proc/net/udp; addresses and ports are hexadecimal. */
function overflows(): number {
  const lines = readFileSync('/proc/net/udp', 'utf8').trim().split('\n').slice(1);
  const own = lines
    .map((line) => line.trim().split(/\s+/))
    .find(([, local = '']) => parseInt(local.split(':')[1] ?? '', 16) === port);
  return Number(own?.at(-1) ?? 0);
}
