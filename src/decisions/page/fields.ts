import { z } from 'zod';
import { parseOutRefundNo, parseRefundNo, type OutRefundNo } from '../../base/ids.js';
import { parseOrderAmount, type Fen } from '../../base/money.js';
import { err, ok, refusedAs, type Result } from '../../base/result.js';
import { beijingClock } from '../../base/time.js';
import { isStorable } from '../../db/columns.js';
import { printableText, reasonSchema } from '../../http/kit/fields.js';
import type { DecisionInputs } from '../use-cases/performers.js';
import type { ActionForm, Extra } from './form.js';

const text = z.string().default('');

const enteredFields = z.object({
  reason: text,
  confirm: text,
  typed: text,
  until: text,
  amount: text,
  refundNo: text,
  payerReason: text,
});

/** Everything a form sends but its token; fields it does not show are empty. */
export type Entered = Readonly<z.infer<typeof enteredFields>>;
export type FieldName = keyof Entered;
export type FieldErrors = Readonly<Partial<Record<FieldName, FieldError>>>;

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

export type Submission = DecisionInputs & { readonly reason: string };

export const enteredOf = (fields: Readonly<Record<string, string>>): Entered => enteredFields.parse(fields);

/** The submission, or all that is wrong, by field. */
export function readSubmission(form: ActionForm, entered: Entered): Result<Submission, FieldErrors> {
  const errors: Partial<Record<FieldName, FieldError>> = {};
  const keep: Keep = (field, result) => {
    if (result.ok) return result.value;
    errors[field] = result.error;
    return null;
  };
  const reason = keep('reason', parseReason(entered.reason));
  const until = form.extra?.kind === 'until' ? keep('until', untilWithin(form.extra, entered.until)) : null;
  const refund = form.extra?.kind === 'refund' ? refundOf(entered, keep) : null;
  const externalNo = form.extra?.kind === 'external' ? keep('refundNo', externalNoOf(entered.refundNo)) : null;
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

/** A time that has passed is refused by the order itself. */
function untilWithin({ to }: Extract<Extra, { kind: 'until' }>, text: string): Result<Date, 'until_invalid'> {
  const until = parseBeijing(text);
  return until.ok && until.value > to ? err('until_invalid') : until;
}

/** `12`, `12.5`, `12.34` yuan in fen, by digits alone: no float is ever made of money. */
export function parseYuan(text: string): Result<Fen, 'amount_invalid'> {
  const [, yuan = '', part = ''] = /^[¥￥]?(0|[1-9][0-9]{0,7})(?:\.([0-9]{1,2}))?$/.exec(text.trim()) ?? [];
  if (yuan === '') return err('amount_invalid');
  return refusedAs(parseOrderAmount(Number(yuan) * 100 + Number(part.padEnd(2, '0'))), 'amount_invalid');
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

/** Lines become one, since reasons are read in lists. */
export function parseReason(text: string): Result<string, 'reason_required' | 'reason_invalid'> {
  const reason = text.trim().replace(/\s*[\r\n]+\s*/g, ' ');
  if (reason === '') return err('reason_required');
  return reasonSchema.safeParse(reason).success ? ok(reason) : err('reason_invalid');
}

const payerReason = printableText(80);

/** Shown to the payer by WeChat Pay; null when empty. */
export function parsePayerReason(text: string): Result<string | null, 'payer_reason_invalid'> {
  const reason = text.trim();
  if (reason === '') return ok(null);
  return payerReason.safeParse(reason).success ? ok(reason) : err('payer_reason_invalid');
}

export const parseTypedRefundNo = (text: string): Result<OutRefundNo, 'refund_no_invalid'> =>
  refusedAs(parseRefundNo(text.trim()), 'refund_no_invalid');

const externalNoOf = (text: string): Result<OutRefundNo, 'external_no_invalid'> =>
  refusedAs(parseOutRefundNo(text.trim()), 'external_no_invalid');
