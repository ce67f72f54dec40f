import type { Mchid } from '../base/ids.js';
import type { Merchant } from '../channels/merchant.js';
import { createChecker, type Checker, type CheckResult } from './check.js';
import { checkConfiguration, type ConfigurationDeps, type Installation } from './configuration.js';

export type Examination = Options & {
  readonly check: Checker;
  readonly installation: Installation;
  /** None where the merchants file is broken. */
  readonly merchants: ReadonlyMap<Mchid, Merchant>;
};

type Options = {
  readonly isFixing: boolean;
  /** Nobody outside this installation is asked: neither the gateway nor the public URL. */
  readonly isOffline: boolean;
  readonly now: () => Date;
};

export type Section = (examination: Examination) => readonly CheckResult[] | Promise<readonly CheckResult[]>;

export type DoctorDeps = ConfigurationDeps & {
  /** What is looked at once the configuration is known, in the order of the report. */
  readonly sections: readonly Section[];
};

/** The configuration first, which says what there is; then all sections at the same time. */
export async function examine(deps: DoctorDeps, options: Options): Promise<readonly CheckResult[]> {
  const check = createChecker(options);
  const { results, about } = await checkConfiguration(deps, check);
  if (about === undefined) return results;
  const examination = { ...options, ...about, check };
  const rest = await Promise.all(deps.sections.map(async (section) => section(examination)));
  return [...results, ...rest.flat()];
}
