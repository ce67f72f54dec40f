export type Status = 'ok' | 'warning' | 'failed' | 'skipped';

export type Group = 'configuration' | 'merchant' | 'gateway' | 'database' | 'temporal' | 'notify';

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
