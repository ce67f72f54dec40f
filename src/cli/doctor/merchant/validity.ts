import type { X509Certificate } from 'node:crypto';
import { DAY } from '../../../base/time.js';
import { failed, warning, type Finding } from '../finding.js';

const SOON_DAYS = 30;

/** `undefined`: valid now and for the next 30 days. */
export function validityProblem(certificate: X509Certificate, now: Date, cure: string): Finding | undefined {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const daysLeft = Math.floor((to - now.getTime()) / DAY);
  if (now.getTime() < from) return failed(`not valid before ${day(from)}`, 'Set the clock of this machine right.');
  if (now.getTime() >= to) return failed(`expired on ${day(to)}`, cure);
  if (daysLeft < SOON_DAYS) return warning(`expires in ${daysLeft} days, on ${day(to)}`, cure);
  return undefined;
}

export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
