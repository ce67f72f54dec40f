/** A check is one question about an installation; what it saw, and whether it was repaired, is its result. */
export type Check = {
  readonly group: Group;
  readonly name: string;
  /** Which merchant, file or service. */
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
  /** Repairs it without a decision that only a person may take. */
  readonly fix?: () => Promise<void>;
};

export const ok = (seen: string): Finding => ({ status: 'ok', seen, cure: null });

/** Not looked at: there is nothing to look at, or something before it failed. */
export const skipped = (seen: string): Finding => ({ status: 'skipped', seen, cure: null });

export const warning = (seen: string, cure: string, fix?: Finding['fix']): Finding => ({
  status: 'warning',
  seen,
  cure,
  ...(fix === undefined ? {} : { fix }),
});

export const failed = (seen: string, cure: string, fix?: Finding['fix']): Finding => ({
  status: 'failed',
  seen,
  cure,
  ...(fix === undefined ? {} : { fix }),
});

export const unreachable = (seen: string, cure: string): Finding => ({
  status: 'failed',
  seen,
  cure,
  unreachable: true,
});

export type CheckResult = Pick<Check, 'group' | 'name' | 'subject'> &
  Pick<Finding, 'status' | 'seen' | 'cure'> & { readonly fixed: boolean; readonly unreachable: boolean };

export type Checker = (check: Check) => Promise<CheckResult>;

/** The checks of one group about one subject, each by its name. */
export const checksOf =
  (check: Checker, group: Group, subject: string = group) =>
  (name: string, run: Check['run']): Promise<CheckResult> =>
    check({ group, name, subject, run });

/** Longer than any single call of a check waits; only what hangs meets it. */
const TIMEOUT_MS = 20_000;

/** Runs one check at a time limit of its own. Whatever goes wrong in it is its finding, never the end of the others. */
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

async function findingOf(check: Check, timeoutMs: number): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(tooLate(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(check.run).catch(crashed), late]);
  } finally {
    clearTimeout(timer);
  }
}

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
