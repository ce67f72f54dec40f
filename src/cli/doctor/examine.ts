import type { Mchid } from '../../base/ids.js';
import { createChecker, type Checker, type CheckResult } from './checker.js';
import { checkConfiguration } from './configuration/configuration.js';
import { readEnvironment } from './configuration/environment.js';
import { checkDatabase } from './database/database.js';
import type { DoctorConfiguration, DoctorDeps } from './deps.js';
import { ok } from './finding.js';
import { checkGateway, skipGateway } from './gateway/gateway.js';
import { findInstallation, type Installation } from './installation.js';
import { readEntries } from './merchant/entry.js';
import { checkMerchant } from './merchant/merchant.js';
import { checkNotifies } from './notify/notify.js';
import { checkTemporal } from './temporal/temporal.js';

export type Examination = {
  readonly isFixing: boolean;
  /** Nobody outside this installation is asked: neither the gateway nor the public URL. */
  readonly isOffline: boolean;
  readonly now: () => Date;
};

/** Every check there is. Those that do not wait for another's answer run at the same time. */
export async function examine(deps: DoctorDeps, examination: Examination): Promise<readonly CheckResult[]> {
  const check = createChecker(examination);
  let configuration: DoctorConfiguration | undefined;
  const settings = await check({
    ...{ group: 'configuration', name: 'settings', subject: 'configuration' },
    run: () => {
      const environment = readEnvironment(deps);
      if (environment.kind === 'wrong') return environment.finding;
      ({ configuration } = environment);
      return ok('every setting has a legal value');
    },
  });
  if (configuration === undefined) return [settings];
  const installation = await findInstallation(configuration);
  const { results, merchants } = await checkConfiguration({ ...deps, check }, installation);
  const rooms = { ...deps, ...examination, check, workers: installation.workers, deployment: installation.deployment };
  const rest = await Promise.all([checkEntries(rooms, installation), checkLive(rooms, installation, merchants)]);
  return [settings, ...results, ...rest.flat()];
}

type Rooms = DoctorDeps & Examination & { readonly check: Checker } & Pick<Installation, 'workers' | 'deployment'>;
type Merchants = Awaited<ReturnType<typeof checkConfiguration>>['merchants'];

async function checkEntries(rooms: Rooms, { merchantsFile }: Installation): Promise<CheckResult[]> {
  if (merchantsFile === undefined) return [];
  const places = await readEntries(merchantsFile);
  return (await Promise.all(places.map((place) => checkMerchant(rooms, place)))).flat();
}

async function checkLive(rooms: Rooms, installation: Installation, merchants: Merchants): Promise<CheckResult[]> {
  const { databaseUrl, temporal, publicUrl } = installation;
  const all = [...merchants.values()];
  const mchids: Mchid[] = [...merchants.keys()];
  const gateway = rooms.isOffline ? skipGateway : checkGateway;
  const results = await Promise.all([
    ...all.map((merchant) => gateway(rooms, merchant)),
    databaseUrl === undefined ? [] : checkDatabase(rooms, databaseUrl, mchids),
    temporal === undefined ? [] : checkTemporal(rooms, temporal),
    publicUrl === undefined ? [] : checkNotifies(rooms, publicUrl, all),
  ]);
  return results.flat();
}
