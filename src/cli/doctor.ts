import { Command } from 'commander';
import type { CheckResult } from './doctor/checker.js';
import { examine } from './doctor/examine.js';
import { reportText, summaryOf, type Summary } from './doctor/report.js';
import type { CliEnvironment, Configured } from './environment.js';
import { CliFailure, EXIT } from './exit.js';

type Options = { readonly fix?: true; readonly offline?: true; readonly json?: true; readonly strict?: true };

/** `paysaga doctor`: finds what is misconfigured before a payment does. */
export function doctorCommand(env: CliEnvironment, configured: Configured): Command {
  return configured(new Command('doctor'))
    .description('check the configuration, the merchants, WeChat Pay, Postgres, Temporal and the notify URL')
    .option('--fix', 'repair what needs no decision: file modes, migrations, search attributes')
    .option('--offline', 'ask neither WeChat Pay nor the public URL')
    .option('--strict', 'fail on warnings, too')
    .option('--json', 'print JSON')
    .action((options: Options) => run(env, options));
}

async function run(env: CliEnvironment, { fix, offline, json, strict }: Options): Promise<void> {
  if (env.doctor === undefined) throw new CliFailure(EXIT.failed, 'doctor is not available here');
  const checks = await examine(env.doctor, { isFixing: fix === true, isOffline: offline === true, now: env.now });
  const summary = summaryOf(checks);
  env.stdout.write(
    json === true ? `${JSON.stringify({ checks: checks.map(view), summary }, null, 2)}\n` : reportText(checks),
  );
  judge(summary, strict === true);
}

const view = ({ group, name, subject, status, seen, cure, fixed }: CheckResult) => ({
  group,
  name,
  subject,
  status,
  seen,
  cure,
  fixed,
});

/** A service that cannot be reached says more than what fails because of it. */
function judge({ failed, warning, unreachable }: Summary, isStrict: boolean): void {
  if (unreachable > 0) throw new CliFailure(EXIT.unreachable, `services that could not be reached: ${unreachable}`);
  if (failed > 0) throw new CliFailure(EXIT.failed, `checks that failed: ${failed}`);
  if (isStrict && warning > 0) throw new CliFailure(EXIT.failed, `warnings: ${warning}`);
}
