import { Command, Option } from 'commander';
import { EgressoError } from '../errors.ts';
import { buildModel } from '../model/build-model.ts';
import { INGRESS_MECHANISMS } from '../policy/export-synthesis.ts';
import { policyFor } from '../policy/policy.ts';
import { ROUTER_FORMATS } from '../policy/render/renderers.ts';
import type { PolicyResult, RouterText } from '../policy/report.ts';
import { count } from './arguments.ts';
import { decodeModel, readModelFile } from './model-file.ts';
import { formatCount, printable } from './numbers.ts';
import { readPlanFile } from './plan-file.ts';
import { commented, pairLines, refutation, stepLines } from './policy-report.ts';
import { type Session, write } from './session.ts';

const PRINTED = ['text', 'change', 'rollback', 'paths', 'withdrawals'] as const;

interface PolicyFlags {
  readonly model: string;
  readonly router?: string;
  readonly format?: string;
  readonly ingress?: string;
  readonly options?: string;
  readonly print: (typeof PRINTED)[number];
  readonly steps?: true;
  readonly step?: number;
  readonly verify?: true;
  readonly json?: true;
}

/** Exit code of a plan that BGP cannot be brought to. */
const EXIT_REFUTED = 3;

export function policyCommand(session: Session): Command {
  return new Command('policy')
    .description('Turn a plan into BGP policy, and prove first that BGP then does what the plan says.')
    .argument('<plan>', 'plan, as solve writes it (JSON or msgpack, may be gzip), or - for stdin')
    .requiredOption('--model <file>', 'model that the plan is for')
    .option('--router <id>', 'print policy of this router only (default: of all)')
    .addOption(
      new Option('--format <name>', 'router OS (default: that of the model, else frr)').choices(ROUTER_FORMATS),
    )
    .addOption(
      new Option('--ingress <name>', 'how neighbors are brought to the planned ingress (default med)').choices(
        INGRESS_MECHANISMS,
      ),
    )
    .option('--options <file>', 'more options (JSON): existing policy, iBGP, guards; see docs/policy.md')
    .addOption(
      new Option(
        '--print <what>',
        'whole policy, change from the existing one, what takes it back, paths to inject instead, or what withdraws them',
      )
        .choices(PRINTED)
        .default('text'),
    )
    .option('--steps', 'print the change in steps that are safe on the way, with the loads expected')
    .option('--step <number>', 'with --steps: this step only, from 1', count)
    .option('--verify', 'report for every pair what BGP does and which step decides, as comments')
    .option('--json', 'print the whole result as JSON')
    .action((path: string, flags: PolicyFlags) => printPolicy(path, flags, session));
}

async function printPolicy(path: string, flags: PolicyFlags, session: Session): Promise<void> {
  const { model: modelPath, router, format, ingress, options, print, steps, step, verify, json } = flags;
  if (step !== undefined && !steps) throw new EgressoError('USAGE', '--step is one of the steps: it needs --steps');
  const given = options === undefined ? {} : decodeModel(await readModelFile(options, session.stdin));
  const model = buildModel(decodeModel(await readModelFile(modelPath, session.stdin)));
  const plan = await readPlanFile(path, session);
  const chosen = Object.entries({
    router,
    format,
    ingress,
    steps,
    // As JSON, steps are what changes; their texts are given by step.
    stepTexts: (steps && !json && step === undefined) || undefined,
    step,
    verify,
    paths: print === 'paths' || print === 'withdrawals' || undefined,
  }).filter(([, value]) => value !== undefined);
  // What is no object is told by the options' own check.
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  const result = policyFor(model, plan, isObject ? { ...given, ...Object.fromEntries(chosen) } : given);
  if (result.status === 'refuted') session.exitCode = EXIT_REFUTED;
  if (json) return write(session.stdout, `${JSON.stringify(result)}\n`);
  if (verify) await write(session.stdout, commented(pairLines(result), result.routers[0]?.format ?? 'frr'));
  const texts = steps
    ? stepTexts(result, step)
    : print === 'paths' || print === 'withdrawals'
      ? result.paths.map(({ inject, withdraw }) => `${print === 'paths' ? inject : withdraw}\n`)
      : result.routers.map((text) => described(text, print));
  for (const text of texts) await write(session.stdout, text);
  await write(session.stderr, result.status === 'refuted' ? refutation(result) : summary(result));
}

function described(text: RouterText, print: 'text' | 'change' | 'rollback'): string {
  const size = `${formatCount(text.ruleCount, 'rule')} for ${formatCount(text.entryCount, 'prefix')}`;
  return `${commented([`${text.router}: ${size}`], text.format)}${text[print]}`;
}

/** The change of each router in each phase of each step, under the loads that are expected after it. */
function stepTexts({ execution }: PolicyResult, only: number | undefined): string[] {
  const steps = execution?.steps ?? [];
  return steps.flatMap((step, at) => {
    if (only !== undefined && only !== at + 1) return [];
    const head = stepLines(step, at + 1, steps.length);
    const texts = step.phases.flatMap(({ name, routers }, phase) =>
      routers.map(({ router, format, change }) => {
        const which = `step ${at + 1} of ${steps.length}, phase ${phase + 1} of ${step.phases.length} (${name}), ${router}`;
        return `${commented([which], format)}${change}`;
      }),
    );
    const format = step.phases.flatMap(({ routers }) => routers)[0]?.format;
    return format === undefined ? [] : [commented(head, format), ...texts];
  });
}

function summary({ pairs, warnings, ruleCount, entryCount }: PolicyResult): string {
  const { enforcedCount, requestedCount, untoldCount } = pairs;
  const untold = untoldCount === 0 ? '' : `, ${untoldCount} without traffic that nothing tells`;
  const size = `${formatCount(ruleCount, 'rule')} for ${formatCount(entryCount, 'prefix')} in all`;
  const notes = warnings.map((warning) => `Note: ${printable(warning)}.\n`).join('');
  return `${notes}Proven: ${enforcedCount} enforced, ${requestedCount} requested${untold}; ${size}.\n`;
}
