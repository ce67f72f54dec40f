import { listApiKeys } from '../../../access/store/api-key.js';
import type { Db } from '../../../db/connection.js';
import type { Mchid } from '../../../base/ids.js';
import { ok, warning, type Finding } from '../finding.js';

/** Without a key of its own a shop cannot call, and without an operator's nobody can act. */
export async function checkApiKeys(db: Db, mchids: readonly Mchid[]): Promise<Finding> {
  const keys = (await listApiKeys(db)).filter(({ revokedAt }) => revokedAt === null);
  const has = (kind: string, mchid: Mchid): boolean =>
    keys.some((key) => key.kind === kind && key.mchids.includes(mchid));
  const shopless = mchids.filter((mchid) => !has('merchant', mchid));
  if (shopless.length > 0) {
    return warning(
      `no API key for ${shopless.join(', ')}`,
      `Make one with: paysaga keys create --mchid ${shopless[0] ?? ''}`,
    );
  }
  const unattended = mchids.filter((mchid) => !has('operator', mchid));
  if (unattended.length > 0) {
    return warning(
      `no operator's key for ${unattended.join(', ')}`,
      `Make one with: paysaga keys create --operator NAME --mchid ${unattended[0] ?? ''}`,
    );
  }
  return ok(`${keys.length} in force`);
}
