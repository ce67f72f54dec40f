import { beijingClock } from '../../base/time.js';
import { isStorable } from '../../db/columns.js';
import { err, ok, type Result } from '../../base/result.js';
import { parseOrderAmount, type Fen } from '../../base/money.js';
import { parseOutRefundNo, parseRefundNo, type OutRefundNo } from '../../base/ids.js';
import { reasonSchema, printableText } from '../../http/kit/fields.js';

/** What a form can get wrong, by the field it is shown at. */
export type FieldError =
  | 'reason_required'
  | 'reason_invalid'
  | 'confirm_required'
  | 'number_differs'
  | 'amount_invalid'
  | 'refund_no_invalid'
  | 'external_no_invalid'
  | 'payer_reason_invalid'
  | 'until_invalid';

/** `12`, `12.5`, `12.34` yuan in fen, by digits alone: no float is ever made of money. */
export function parseYuan(text: string): Result<Fen, 'amount_invalid'> {
  const [, yuan = '', part = ''] = /^[¥￥]?(0|[1-9][0-9]{0,7})(?:\.([0-9]{1,2}))?$/.exec(text.trim()) ?? [];
  if (yuan === '') return err('amount_invalid');
  const amount = parseOrderAmount(Number(yuan) * 100 + Number(part.padEnd(2, '0')));
  return amount.ok ? amount : err('amount_invalid');
}

/** `1205` fen as it is typed: `12.05`. */
export const typedYuan = (amountFen: number): string =>
  `${String(Math.trunc(amountFen / 100))}.${String(amountFen % 100).padStart(2, '0')}`;

/** A `datetime-local` field, which knows no zone, read as Beijing time. */
export function parseBeijing(text: string): Result<Date, 'until_invalid'> {
  const typed = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?::00)?$/.exec(text.trim());
  const [, day = '', time = ''] = typed ?? [];
  const at = new Date(`${day}T${time}:00.000+08:00`);
  const isReal = isStorable(at) && typedBeijing(at) === `${day}T${time}`;
  return isReal ? ok(at) : err('until_invalid');
}

/** To the minute, as a `datetime-local` field wants it. */
export const typedBeijing = (at: Date): string => beijingClock(at).slice(0, 16);

/** Lines become one: what is kept is read in lists. */
export function parseReason(text: string): Result<string, 'reason_required' | 'reason_invalid'> {
  const reason = text.trim().replace(/\s*[\r\n]+\s*/g, ' ');
  if (reason === '') return err('reason_required');
  return reasonSchema.safeParse(reason).success ? ok(reason) : err('reason_invalid');
}

const payerReason = printableText(80);

/** What WeChat Pay shows the payer; absent when empty. */
export function parsePayerReason(text: string): Result<string | null, 'payer_reason_invalid'> {
  const reason = text.trim();
  if (reason === '') return ok(null);
  return payerReason.safeParse(reason).success ? ok(reason) : err('payer_reason_invalid');
}

export function parseTypedRefundNo(text: string): Result<OutRefundNo, 'refund_no_invalid'> {
  const refundNo = parseRefundNo(text.trim());
  return refundNo.ok ? refundNo : err('refund_no_invalid');
}

/** As whoever made the refund chose it. */
export function parseTypedExternalNo(text: string): Result<OutRefundNo, 'external_no_invalid'> {
  const refundNo = parseOutRefundNo(text.trim());
  return refundNo.ok ? refundNo : err('external_no_invalid');
}
