/** `show route all` of BIRD 2 in the neutral shape. */
import { originOf, type RibRoute, sortRib } from '../observe/rib.ts';

const HEAD = /^(\S+)?\s+(?:unicast|blackhole|unreachable)\s+\[to_(\w+) [^\]]*\]\s*(\*)?/;
const FIELD = /^\s+BGP\.(\w+):\s*(.*)$/;

/** A prefix opens its first path; further paths of it are indented. Paths of other protocols are passed over. */
export function birdRib(text: string): RibRoute[] {
  const routes: RibRoute[] = [];
  let prefix = '';
  let fields: Map<string, string> | null = null;
  let open: { peer: string; best: boolean } | null = null;
  const close = (): void => {
    if (open !== null && fields !== null) routes.push(routeOf(prefix, open.peer, open.best, fields));
    open = null;
    fields = null;
  };
  for (const line of text.split('\n')) {
    const field = FIELD.exec(line);
    if (field !== null) {
      fields?.set(field[1]!, field[2]!.trim());
      continue;
    }
    const opensRoute = /^\S+\/\d+\s|^\s+\w+\s+\[/.test(line);
    if (!opensRoute) continue;
    close();
    if (!/^\s/.test(line)) prefix = line.split(/\s/, 1)[0]!;
    const head = HEAD.exec(line);
    if (head === null) continue;
    open = { peer: head[2]!, best: head[3] === '*' };
    fields = new Map();
  }
  close();
  return sortRib(routes);
}

function routeOf(prefix: string, peer: string, best: boolean, fields: ReadonlyMap<string, string>): RibRoute {
  return {
    prefix,
    best,
    peer,
    nextHop: (fields.get('next_hop') ?? '').split(' ')[0]!,
    asPath: (fields.get('as_path') ?? '').split(' ').filter(Boolean).map(Number),
    origin: originOf(fields.get('origin')),
    localPref: Number(fields.get('local_pref') ?? 100),
    med: Number(fields.get('med') ?? 0),
    communities: [...(fields.get('community') ?? '').matchAll(/\((\d+),(\d+)\)/g)].map(([, a, b]) => `${a}:${b}`),
  };
}
