/** Every text against the checker of the daemon that it is for; what GoBGP and FRR make of it, read back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { RouterPolicy } from '../../src/policy/document.ts';
import { renderContext } from '../../src/policy/naming.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import type { RenderContext } from '../../src/policy/render/renderer.ts';
import { rendererFor } from '../../src/policy/render/renderers.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { context, earlierPolicy, emptyPolicy, fullPolicy, policyArbitrary } from '../policy/render/documents.ts';
import { attempt, type CommandResult } from './network/command.ts';
import { describeLab } from './setup/describe-lab.ts';

const RUNS = 25;

describeLab('policy texts and the checkers of the daemons', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egr-texts-'));
    mkdirSync(join(folder, 'vty'));
    writeFileSync(join(folder, 'vty', 'vtysh.conf'), '');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let fileCount = 0;
  /** A new one each time: texts are checked side by side. */
  const file = (name: string, text: string): string => {
    const path = join(folder, `${++fileCount}-${name}`);
    writeFileSync(path, text);
    return path;
  };

  const checkers: Record<string, (text: string) => Promise<CommandResult>> = {
    frr: (text) =>
      attempt('vtysh', [
        '--config_dir',
        join(folder, 'vty'),
        '--vty_socket',
        folder,
        '-C',
        '-f',
        file('frr.conf', text),
      ]),
    bird: (text) => attempt('bird', ['-p', '-c', file('bird.conf', /^router id/.test(text) ? text : birdFile(text))]),
    gobgp: (text) => attempt('gobgpd', ['-d', '-f', file('gobgp.toml', gobgpFile(text))]),
  };

  const isAccepted = async (format: 'frr' | 'bird' | 'gobgp', text: string): Promise<void> => {
    const { status, stdout, stderr } = await checkers[format](text);
    const refusal = `${stdout}${stderr}`;
    expect({
      text: status === 0 && !/unknown command|% /i.test(refusal) ? '' : text,
      refusal: status === 0 ? '' : refusal,
    }).toEqual({
      text: '',
      refusal: '',
    });
  };

  test.each(['frr', 'bird', 'gobgp'] as const)('%s: text, change and rollback are accepted', async (format) => {
    const renderer = rendererFor(format);
    const full = fullPolicy(format !== 'gobgp');
    await isAccepted(format, renderer.render(full, context));
    for (const [from, to] of [
      [emptyPolicy, full],
      [full, earlierPolicy()],
      [earlierPolicy(), emptyPolicy],
    ]) {
      await isAccepted(format, renderer.change(from, to, context));
    }
  });

  test.each(['frr', 'bird'] as const)('%s: so are texts that call a base policy', async (format) => {
    const renderer = rendererFor(format);
    for (const to of [fullPolicy(), earlierPolicy(), emptyPolicy]) {
      await isAccepted(format, `${BASES[format]}${renderer.render(to, called)}`);
      const change = renderer.change(fullPolicy(), to, called);
      // BIRD takes whole files: where nothing changes there is none.
      if (change !== '') await isAccepted(format, `${BASES[format]}${change}`);
    }
  });

  test.each(['frr', 'bird', 'gobgp'] as const)(
    '%s: so is every other policy',
    async (format) => {
      const renderer = rendererFor(format);
      await fc.assert(
        fc.asyncProperty(policyArbitrary(format !== 'gobgp'), (policy: RouterPolicy) =>
          isAccepted(format, renderer.render(policy, context)),
        ),
        { numRuns: RUNS, seed: 1 },
      );
    },
    120_000,
  );

  test.each(['frr', 'bird', 'gobgp'] as const)(
    '%s: so is a policy for sessions and routers of any name',
    async (format) => {
      const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 70 }), {
        minLength: 3,
        maxLength: 3,
      });
      await fc.assert(
        fc.asyncProperty(names, async ([neighbor, router, far]) => {
          const model = namedModel(neighbor, router, far);
          const assignments = [{ neighbor, prefix: 'P', ingress: router, egress: far }];
          const plan = { modelHash: model.hash, assignments } as unknown as Plan;
          const { status, findings, routers } = policyFor(model, plan, { format });
          expect({ status, findings }).toEqual({ status: 'proven', findings: [] });
          const setting = settingOf(model, parsePolicyOptions({ format }, model));
          const texts = routers.flatMap(({ text, change, rollback }, at) => {
            const { sessions } = renderContext(setting, at);
            const written = [...new Set([text, change, rollback])].filter((one) => one !== '');
            return format === 'bird' ? written.map((one) => birdFile(one, sessions)) : written;
          });
          await Promise.all(texts.map((text) => isAccepted(format, text)));
        }),
        { numRuns: RUNS, seed: 2, examples: ODD.map((name) => [[name, `${name}r`, `${name}f`]]) },
      );
    },
    120_000,
  );

  test.each([
    ['frr', 'route-map X permit 10\n set locale-preference 200\nexit\n'],
    ['bird', 'filter import_U3 { bgp_local_pref = "lots"; accept; }'],
    ['gobgp', '[[policy-definitions]\n'],
  ] as const)('%s: the checker refuses what is wrong', async (format, text) => {
    await expect(isAccepted(format, text)).rejects.toThrow();
  });
});

/** Words of the router OSes' own languages, and what would end a line or a text. */
const ODD = ['x\n!', '"; }', "a' b", 'é\u2028', '$(reboot)', 'filter', '-1', '\\', '#', '!', 'exit\nno router bgp'];

/** Two routers, a neighbor and an upstream; the shorter path is not the planned one. */
function namedModel(neighbor: string, router: string, far: string): NetworkModel {
  return buildModel({
    version: 1,
    asn: 64500,
    routers: [{ id: router }, { id: far }],
    links: [{ from: router, to: far, distance: 10 }],
    neighbors: [{ id: neighbor, asn: 64501, ingress: [router] }],
    sessions: [
      { at: router, peerAsn: 64501, peerAddress: '192.0.2.1', neighbor },
      { at: router, peerAsn: 64601, peerAddress: '192.0.2.2' },
      { at: far, peerAsn: 64601, peerAddress: '2001:db8::2' },
    ],
    prefixes: [{ id: 'P', prefix: '2001:db8:1::/48' }],
    advertisements: [
      { prefix: 'P', at: router, peerAsn: 64601, peerAddress: '192.0.2.2', asPath: [64601] },
      { prefix: 'P', at: far, peerAsn: 64601, peerAddress: '2001:db8::2', asPath: [64601, 64700] },
    ],
    traffic: [{ neighbor, prefix: 'P', volume: 1 }],
  });
}

const called = {
  ...context,
  sessions: context.sessions.map((one) => ({ ...one, base: { import: 'FROM_PEERS', export: 'TO_PEERS' } })),
};
const BASES = {
  frr: 'route-map FROM_PEERS permit 10\nexit\nroute-map TO_PEERS permit 10\nexit\n',
  bird: 'function FROM_PEERS() { return net.len < 25; }\nfunction TO_PEERS() { return true; }\n',
};

/** With protocols that refer to the filters, for both address families. */
function birdFile(text: string, sessions: RenderContext['sessions'] = context.sessions): string {
  const filters = (name: string): string =>
    ['import', 'export']
      .map((side) => (text.includes(`filter ${side}_${name} {`) ? `${side} filter ${side}_${name};` : `${side} none;`))
      .join(' ');
  const protocols = sessions.map(
    ({
      name,
      peerAddress,
      peerAsn,
    }) => `protocol bgp to_${name} { local as 64500; neighbor ${peerAddress ?? '198.51.100.99'} as ${peerAsn || 64999};
  ipv4 { ${filters(name)} };
  ipv6 { ${filters(name)} }; }`,
  );
  return ['router id 192.0.2.1;', 'protocol device {}', text, ...protocols, ''].join('\n');
}

function gobgpFile(text: string): string {
  return `[global.config]\nas = 64500\nrouter-id = "192.0.2.1"\n${text}`;
}
