export type LatePayment = 'refund' | 'accept' | 'review';

export type FulfilmentPolicy =
  | { readonly required: false }
  | { readonly required: true; readonly deadlineSeconds: number; readonly onDeadline: 'refund' | 'review' };

/** What an order does about money and goods that do not meet; stored with the order when it is created. */
export type Policy = { readonly latePayment: LatePayment; readonly fulfilment: FulfilmentPolicy };

export const DEFAULT_POLICY: Policy = { latePayment: 'refund', fulfilment: { required: false } };
