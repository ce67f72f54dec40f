import type { Merchant } from '../../../channels/merchant.js';
import type { Checker, CheckResult } from '../checker.js';
import { skipped, type Finding } from '../finding.js';
import { checkIngress } from './ingress.js';
import { checkUnsignedNotify } from './unsigned.js';
import { checkNotifyUrl, notifyUrlOf } from './url.js';

type NotifyDeps = { readonly check: Checker; readonly isOffline: boolean };

/** Whether WeChat Pay's notifies will reach the ingress. */
export async function checkNotifies(
  { check, isOffline }: NotifyDeps,
  publicUrl: string,
  merchants: readonly Merchant[],
): Promise<CheckResult[]> {
  const one = (name: string, subject: string, run: () => Finding | Promise<Finding>): Promise<CheckResult> =>
    check({ group: 'notify', name, subject, run: isOffline && name !== 'URL' ? () => skipped('--offline') : run });
  const results = await Promise.all([
    one('health', 'ingress', () => checkIngress(publicUrl, '/healthz')),
    one('readiness', 'ingress', () => checkIngress(publicUrl, '/readyz')),
    ...merchants.flatMap((merchant) => [
      one('URL', merchant.mchid, () => checkNotifyUrl(publicUrl, merchant)),
      one('unsigned notify', merchant.mchid, () => checkUnsignedNotify(notifyUrlOf(publicUrl, merchant.mchid))),
    ]),
  ]);
  return results;
}
