import { Command } from 'commander';
import { CliFailure, EXIT, type CliEnvironment, type Configured } from '../cli/kit/command.js';
import { writeJson } from '../cli/kit/output.js';
import type { CheckResult, Group, Status } from './check.js';
import { examine, type DoctorDeps } from './examine.js';

type Options = { readonly fix?: true; readonly offline?: true; readonly json?: true; readonly strict?: true };

/** `paysaga doctor`: finds a wrong setting before a payment does. */
export const doctorCommand =
  (deps: DoctorDeps) =>
  (env: CliEnvironment, configured: Configured): Command =>
    configured(new Command('doctor'))
      .description(
        "check the configuration, the merchants and their shops' endpoints, WeChat Pay, Postgres, Temporal and the notify URL",
      )
      .option('--fix', 'repair what needs no decision: file modes, migrations, search attributes')
      .option('--offline', 'ask neither WeChat Pay nor the public URL nor the shops')
      .option('--strict', 'fail on warnings, too')
      .option('--json', 'print JSON')
      .action((options: Options) => run(deps, env, options));

async function run(deps: DoctorDeps, env: CliEnvironment, { fix, offline, json, strict }: Options): Promise<void> {
  const checks = await examine(deps, { isFixing: fix === true, isOffline: offline === true, now: env.now });
  const summary = summaryOf(checks);
  // The summary counts the unreachable ones.
  const shown = checks.map((check) => ({ ...check, unreachable: undefined }));
  if (json === true) writeJson(env, { checks: shown, summary });
  else env.stdout.write(reportText(checks));
  judge(summary, strict === true);
}

/** A service that cannot be reached says more than what fails because of it. */
function judge({ failed, warning, unreachable }: Summary, isStrict: boolean): void {
  if (unreachable > 0) throw new CliFailure(EXIT.unreachable, `services that could not be reached: ${unreachable}`);
  if (failed > 0) throw new CliFailure(EXIT.failed, `checks that failed: ${failed}`);
  if (isStrict && warning > 0) throw new CliFailure(EXIT.failed, `warnings: ${warning}`);
}

type Summary = Readonly<Record<Status, number>> & { readonly fixed: number; readonly unreachable: number };

function summaryOf(checks: readonly CheckResult[]): Summary {
  const count = (status: Status): number => checks.filter((check) => check.status === status).length;
  return {
    ok: count('ok'),
    warning: count('warning'),
    failed: count('failed'),
    skipped: count('skipped'),
    fixed: checks.filter(({ fixed }) => fixed).length,
    unreachable: checks.filter((check) => check.unreachable).length,
  };
}

/** A group's name, its checks, and under a problem its cure; the same for a terminal and a pipe. */
export function reportText(checks: readonly CheckResult[]): string {
  const groups = Object.entries(TITLES).flatMap(([group, title]) => {
    const members = checks.filter((check) => check.group === group);
    const width = Math.max(...members.map((check) => labelOf(check).length));
    const lines = members.flatMap((check) => linesOf(check, width));
    return members.length === 0 ? [] : [[title, ...lines].join('\n')];
  });
  return `${[...groups, summaryText(summaryOf(checks))].join('\n\n')}\n`;
}

const TITLES: Readonly<Record<Group, string>> = {
  configuration: 'Configuration',
  merchant: 'Merchants',
  gateway: 'WeChat Pay',
  database: 'Postgres',
  temporal: 'Temporal',
  notify: 'Notifies',
};

const SIGNS: Readonly<Record<Status, string>> = { ok: '✓', warning: '!', failed: '✗', skipped: '–' };

function linesOf(check: CheckResult, width: number): string[] {
  const seen = check.fixed ? `repaired: ${check.seen}` : check.seen;
  const line = `  ${SIGNS[check.status]} ${labelOf(check).padEnd(width)}  ${seen}`;
  return check.cure === null ? [line] : [line, `    → ${check.cure}`];
}

const labelOf = ({ group, subject, name }: CheckResult): string => (subject === group ? name : `${subject}: ${name}`);

function summaryText({ ok, warning, failed, skipped, fixed }: Summary): string {
  const total = ok + warning + failed + skipped;
  const repaired = fixed === 0 ? '' : `, ${fixed} repaired`;
  return `${total} ${total === 1 ? 'check' : 'checks'}: ${ok} ok, ${warning} ${warning === 1 ? 'warning' : 'warnings'}, ${failed} failed, ${skipped} skipped${repaired}`;
}
