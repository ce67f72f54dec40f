import { within } from '../base/within.js';

export type Check = {
  readonly group: Group;
  readonly name: string;
  readonly subject: string;
  readonly run: () => Finding | Promise<Finding>;
};

export type Group = 'configuration' | 'merchant' | 'gateway' | 'database' | 'temporal' | 'notify';

export type Status = 'ok' | 'warning' | 'failed' | 'skipped';

/** What a check saw. `cure` is one sentence for a person; neither ever holds a key, a secret or a password. */
export type Finding = {
  readonly status: Status;
  readonly seen: string;
  readonly cure: string | null;
  /** A service that did not answer at all. */
  readonly unreachable?: true;
  /** A repair that needs no decision of a person. */
  readonly fix?: (() => Promise<void>) | undefined;
};

export const ok = (seen: string): Finding => ({ status: 'ok', seen, cure: null });

/** There is nothing to look at, or an earlier check failed. */
export const skipped = (seen: string): Finding => ({ status: 'skipped', seen, cure: null });

export const warning = (seen: string, cure: string, fix?: Finding['fix']): Finding =>
  fix === undefined ? { status: 'warning', seen, cure } : { status: 'warning', seen, cure, fix };

export const failed = (seen: string, cure: string, fix?: Finding['fix']): Finding => ({
  ...warning(seen, cure, fix),
  status: 'failed',
});

export const unreachable = (seen: string, cure: string): Finding => ({ ...failed(seen, cure), unreachable: true });

export type CheckResult = Pick<Check, 'group' | 'name' | 'subject'> &
  Pick<Finding, 'status' | 'seen' | 'cure'> & { readonly fixed: boolean; readonly unreachable: boolean };

export type Checker = (check: Check) => Promise<CheckResult>;

type One = (name: string, run: Check['run']) => Promise<CheckResult>;

export const checksOf =
  (check: Checker, group: Group, subject: string = group): One =>
  (name, run) =>
    check({ group, name, subject, run });

/** A finding, and what the checks behind it need to know; nothing `found` where they cannot be made. */
export type Reached<T> = { readonly finding: Finding; readonly found?: T | undefined };

export async function reaching<T>(one: One, name: string, reach: () => Reached<T> | Promise<Reached<T>>) {
  let found: T | undefined;
  const result = await one(name, async () => {
    const reached = await reach();
    ({ found } = reached);
    return reached.finding;
  });
  return { result, found };
}

export type Rows<T> = readonly (readonly [name: string, run: (found: T) => Finding | Promise<Finding>])[];

/** The checks behind one that was {@link reaching}; all skipped, for this reason, where it found nothing. */
export const behind = <T>(one: One, found: T | undefined, rows: Rows<T>, reason: string): Promise<CheckResult[]> =>
  Promise.all(rows.map(([name, run]) => one(name, () => (found === undefined ? skipped(reason) : run(found)))));

/** Longer than any single call of a check waits: a check that hangs ends here. */
const TIMEOUT_MS = 20_000;

/** Runs checks, each with a time limit of its own. A check that throws is a finding, never the end of the others. */
export function createChecker(options: { readonly isFixing: boolean; readonly timeoutMs?: number }): Checker {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  return async (check) => {
    const first = await findingOf(check, timeoutMs);
    if (!options.isFixing || first.fix === undefined) return resultOf(check, first, false);
    const problem = await first.fix().then(() => undefined, nameOf);
    if (problem !== undefined) {
      return resultOf(check, { ...first, seen: `${first.seen}; --fix could not repair it (${problem})` }, false);
    }
    const second = await findingOf(check, timeoutMs);
    return resultOf(check, second, second.status === 'ok');
  };
}

const findingOf = ({ run }: Check, timeoutMs: number): Promise<Finding> =>
  within(timeoutMs, Promise.resolve().then(run).catch(crashed), tooLate(timeoutMs));

const tooLate = (timeoutMs: number): Finding =>
  unreachable(`no answer within ${timeoutMs / 1_000} s`, 'Look at the service and the network on the way to it.');

/** Only the error's kind: its message may quote what it failed on. */
const crashed = (error: unknown): Finding =>
  failed(
    `the check itself failed (${nameOf(error)})`,
    'Run doctor again; if it stays, report this line as a fault of PaySaga.',
  );

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? `${error.name}, ${error.code}` : error.name;
}

function resultOf({ group, name, subject }: Check, finding: Finding, fixed: boolean): CheckResult {
  const { status, seen, cure } = finding;
  return { group, name, subject, status, seen, cure, fixed, unreachable: finding.unreachable === true };
}
