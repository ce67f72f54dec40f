import type { OutTradeNo } from '../../base/ids.js';

export const EVIDENCE_SOURCES = ['notify', 'query', 'bill'] as const;
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number];

/**
 * One fact about money and who said it, as it travels to the order's workflow. Authenticated already, but never enough on its
 * own: it is the reason to query. Carries what is compared and nothing of the payer.
 */
export type Evidence = {
  readonly source: EvidenceSource;
  readonly outTradeNo: OutTradeNo;
  readonly transactionId: string;
  readonly mchid: string;
  readonly appid: string;
  readonly tradeType: string;
  readonly totalFen: number;
  readonly currency: string;
};
