import type { PayerView } from './payer-view.js';
import { qrSvg } from './qr.js';

/** A payer's view on the wire: of the stream's events and of the answer to "I have paid". Times in ISO 8601. */
export type PayerEvent = {
  readonly version: number;
  readonly status: PayerView['status'];
  readonly codeSvg: string | null;
  readonly h5Url: string | null;
  readonly expiresAt: string;
  /** For the countdown: the payer's clock may be wrong. */
  readonly serverNow: string;
  readonly paidAt: string | null;
};

export async function payerEvent(view: PayerView, now: Date): Promise<PayerEvent> {
  return {
    version: view.version,
    status: view.status,
    codeSvg: view.codeUrl === null ? null : await qrSvg(view.codeUrl),
    h5Url: view.h5Url,
    expiresAt: view.expiresAt.toISOString(),
    serverNow: now.toISOString(),
    paidAt: view.paidAt?.toISOString() ?? null,
  };
}
