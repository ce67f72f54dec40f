import { z } from 'zod';
import { BULK_ACTIONS } from '../rules/bulk.js';
import type { Mchid } from '../../base/ids.js';
import { MAX_LIFE_MS } from '../../orders/rules/requests.js';
import { ORDER_STATES, STUCK_REASONS } from '../../orders/rules/states.js';
import { err, ok, refusedAs, type Result } from '../../base/result.js';
import type { BulkFilter } from '../store/choice.js';
import { MAX_ORDER_NOS, type BulkRequest } from '../api/request.js';
import { parseBeijing, parseReason, typedBeijing } from '../../decisions/page/fields.js';

export type EnteredBulk = Readonly<z.infer<typeof enteredFields>>;
export type BulkField = keyof EnteredBulk;

export type BulkFieldError =
  | 'merchant_unknown'
  | 'action_unknown'
  | 'filter_unknown'
  | 'time_invalid'
  | 'range_empty'
  | 'numbers_invalid'
  | 'until_required'
  | 'until_unwanted'
  | 'reason_required'
  | 'reason_invalid'
  | 'confirm_required';

export type BulkErrors = Readonly<Partial<Record<BulkField | 'confirm', BulkFieldError>>>;

/** From a form, or from the query of a link that fills it in; there times may be RFC 3339. */
export const enteredBulk = (fields: Readonly<Record<string, string>>): EnteredBulk => enteredFields.parse(fields);

const asTyped = (text: string): string =>
  /^[0-9]{4}-[0-9-]+T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$/.test(text) && !Number.isNaN(Date.parse(text))
    ? typedBeijing(new Date(text))
    : text;

const text = z.string().trim().default('');
const time = text.transform(asTyped);

const enteredFields = z.object({
  mchid: text,
  action: text,
  state: text,
  stuckReason: text,
  createdFrom: time,
  createdTo: time,
  orderNos: text,
  until: time,
  reason: text,
});

type Asker = { readonly mchids: readonly Mchid[]; readonly actor: string };

/** The request, or all that is wrong, by field. */
export function readBulk(entered: EnteredBulk, { mchids, actor }: Asker, now: Date): Result<BulkRequest, BulkErrors> {
  const errors: Partial<Record<BulkField, BulkFieldError>> = {};
  const keep: Keep = (field, result) => {
    if (result.ok) return result.value;
    errors[field] = result.error;
    return undefined;
  };
  const mchid = keep('mchid', oneOf(mchids, entered.mchid, 'merchant_unknown'));
  const action = keep('action', oneOf(BULK_ACTIONS, entered.action, 'action_unknown'));
  const filter = filterOf(entered, keep);
  const until = keep('until', untilOf(entered, now));
  const reason = keep('reason', parseReason(entered.reason));
  const isWhole = mchid !== undefined && action !== undefined && reason !== undefined;
  if (!isWhole || Object.keys(errors).length > 0) return err(errors);
  return ok({ mchid, action, filter, reason, actor, until });
}

type Keep = <T>(field: BulkField, result: Result<T, BulkFieldError>) => T | undefined;

function filterOf(entered: EnteredBulk, keep: Keep): BulkFilter {
  const state = keep('state', optional(entered.state, ofList(ORDER_STATES)));
  const stuckReason = keep('stuckReason', optional(entered.stuckReason, ofList([...STUCK_REASONS, 'any'])));
  const createdFrom = keep('createdFrom', optional(entered.createdFrom, moment));
  const createdTo = keep('createdTo', optional(entered.createdTo, moment));
  if (createdFrom && createdTo && createdFrom >= createdTo) keep('createdTo', err('range_empty'));
  const orderNos = keep('orderNos', numbersOf(entered.orderNos));
  return { state, stuckReason, createdFrom, createdTo, orderNos };
}

function oneOf<T extends string, E>(known: readonly T[], text: string, error: E): Result<T, E> {
  const found = known.find((it) => it === text);
  return found === undefined ? err(error) : ok(found);
}

const ofList =
  <const T extends string>(known: readonly T[]) =>
  (text: string) =>
    oneOf(known, text, 'filter_unknown' as const);

const optional = <T, E>(text: string, parse: (text: string) => Result<T, E>): Result<T | undefined, E> =>
  text === '' ? ok(undefined) : parse(text);

const moment = (text: string): Result<Date, 'time_invalid'> => refusedAs(parseBeijing(text), 'time_invalid');

/** Text that Postgres can hold; longer than any order's number, so that a mistyped one shows as failed in the bulk. */
const NUMBER = /^[^\p{Cc}\p{Cs}]{1,64}$/u;

function numbersOf(text: string): Result<readonly string[] | undefined, 'numbers_invalid'> {
  const numbers = [...new Set(text.split(/[\s,;，、；]+/).filter((number) => number !== ''))];
  const isWrong = numbers.length > MAX_ORDER_NOS || numbers.some((number) => !NUMBER.test(number));
  return isWrong ? err('numbers_invalid') : ok(numbers.length === 0 ? undefined : numbers);
}

function untilOf({ action, until }: EnteredBulk, now: Date): Result<Date | undefined, BulkFieldError> {
  if (action !== 'extend') return until === '' ? ok(undefined) : err('until_unwanted');
  const at = parseBeijing(until);
  const aheadMs = at.ok ? at.value.getTime() - now.getTime() : 0;
  return at.ok && aheadMs > 0 && aheadMs <= MAX_LIFE_MS ? at : err('until_required');
}
