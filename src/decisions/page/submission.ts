import type { OutRefundNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { err, ok, type Result } from '../../base/result.js';
import {
  parseBeijing,
  parsePayerReason,
  parseReason,
  parseTypedExternalNo,
  parseTypedRefundNo,
  parseYuan,
  type FieldError,
} from './fields.js';
import type { ActionForm, Entered, Extra, FieldErrors, FieldName } from './form.js';

/** A form that was filled in as it asks. */
export type Submission = {
  readonly reason: string;
  readonly until: Date | null;
  readonly refund: { readonly refundNo: OutRefundNo; readonly amountFen: Fen; readonly reason: string | null } | null;
  /** The number of a refund that somebody else made. */
  readonly externalNo: OutRefundNo | null;
};

export const enteredOf = (fields: Readonly<Record<string, string>>): Entered => {
  const of = (name: FieldName): string => fields[name] ?? '';
  return {
    reason: of('reason'),
    confirm: of('confirm'),
    typed: of('typed'),
    until: of('until'),
    amount: of('amount'),
    refundNo: of('refundNo'),
    payerReason: of('payerReason'),
  };
};

/** All that is wrong with it at once, by field. */
export function readSubmission(form: ActionForm, entered: Entered): Result<Submission, FieldErrors> {
  const errors: Partial<Record<FieldName, FieldError>> = {};
  const keep = <T>(field: FieldName, result: Result<T, FieldError>): T | null => {
    if (result.ok) return result.value;
    errors[field] = result.error;
    return null;
  };
  const reason = keep('reason', parseReason(entered.reason));
  const until = form.extra?.kind === 'until' ? keep('until', untilWithin(form.extra, entered.until)) : null;
  const refund = form.extra?.kind === 'refund' ? refundOf(entered, keep) : null;
  const externalNo = form.extra?.kind === 'external' ? keep('refundNo', parseTypedExternalNo(entered.refundNo)) : null;
  if (entered.confirm !== 'yes') errors.confirm = 'confirm_required';
  if (form.typedNumber !== null && entered.typed.trim() !== form.typedNumber) errors.typed = 'number_differs';
  return reason === null || Object.keys(errors).length > 0 ? err(errors) : ok({ reason, until, refund, externalNo });
}

type Keep = <T>(field: FieldName, result: Result<T, FieldError>) => T | null;

function refundOf(entered: Entered, keep: Keep): Submission['refund'] {
  const amountFen = keep('amount', parseYuan(entered.amount));
  const refundNo = keep('refundNo', parseTypedRefundNo(entered.refundNo));
  const reason = keep('payerReason', parsePayerReason(entered.payerReason));
  return amountFen === null || refundNo === null ? null : { refundNo, amountFen, reason };
}

/** Whether it has passed by the time it arrives is the order's to say. */
function untilWithin({ to }: Extract<Extra, { kind: 'until' }>, text: string): Result<Date, 'until_invalid'> {
  const until = parseBeijing(text);
  return until.ok && until.value > to ? err('until_invalid') : until;
}
