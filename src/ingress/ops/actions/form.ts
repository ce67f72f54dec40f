import type { Language } from '../../../base/language.js';
import type { MerchantEventRecord } from '../../../shop-events/rules/event.js';
import { MAX_LIFE_MS } from '../../../domain/order/deadline.js';
import type { OrderRecord } from '../../../domain/order/record.js';
import type { RefundRecord } from '../../../domain/refund/record.js';
import { subjectOf, type InboxRow } from '../../../inbox/store/inbox.js';

import { actionsFor, canResend, refundActionsFor } from '../order/actions-for.js';
import { paths } from '../order/model.js';
import { moneyOf, orderEffect, redriveEffect, refundEffect, resendEffect, type Effect } from './effects.js';
import { typedBeijing, typedYuan, type FieldError } from './fields.js';
import type { ActionName, OrderAction, RefundAction } from './names.js';

/** Everything a form sends but its token; fields it does not show are empty. */
export type Entered = {
  readonly reason: string;
  readonly confirm: string;
  readonly typed: string;
  readonly until: string;
  readonly amount: string;
  readonly refundNo: string;
  readonly payerReason: string;
};
export type FieldName = keyof Entered;
export type FieldErrors = Readonly<Partial<Record<FieldName, FieldError>>>;

/** What somebody is asked before something is done. */
export type ActionForm = {
  readonly action: ActionName;
  /** The number or id it is about. */
  readonly subject: string;
  readonly path: string;
  /** Where it leads without doing anything. */
  readonly back: string;
  readonly effect: Effect;
  /** As far as the row knows: what was possible a moment ago may not be. */
  readonly isPossible: boolean;
  /** To be typed by whoever moves money. */
  readonly typedNumber: string | null;
  readonly extra: Extra | null;
  /** What the fields hold before anybody typed. */
  readonly proposed: Entered;
};

export type Extra =
  | { readonly kind: 'until'; readonly from: Date; readonly to: Date }
  | { readonly kind: 'refund'; readonly restFen: number }
  | { readonly kind: 'external' };

export const NOTHING_ENTERED: Entered = {
  reason: '',
  confirm: '',
  typed: '',
  until: '',
  amount: '',
  refundNo: '',
  payerReason: '',
};

const MOVES_MONEY: ReadonlySet<OrderAction> = new Set(['resolve-accept', 'resolve-return', 'refund']);

export function orderForm(action: OrderAction, order: OrderRecord, now: Date, language: Language): ActionForm {
  const extra = extraOf(action, order, now);
  return {
    action,
    subject: order.orderNo,
    path: paths.orderAction(order, action),
    back: paths.order(order),
    effect: orderEffect(action, order, now, language),
    isPossible: actionsFor(order, now).includes(action),
    typedNumber: MOVES_MONEY.has(action) ? order.orderNo : null,
    extra,
    proposed: { ...NOTHING_ENTERED, ...proposedFor(extra, order) },
  };
}

const MINUTE_MS = 60_000;

function extraOf(action: OrderAction, order: OrderRecord, now: Date): Extra | null {
  if (action === 'refund') return { kind: 'refund', restFen: moneyOf(order).restFen };
  if (action === 'external-refund') return { kind: 'external' };
  if (action !== 'extend') return null;
  const from = new Date(Math.ceil((now.getTime() + MINUTE_MS) / MINUTE_MS) * MINUTE_MS);
  return { kind: 'until', from, to: new Date(order.createdAt.getTime() + MAX_LIFE_MS) };
}

/** The same number until the order has another refund: two people who refund at once do it once, or one of them hears of it. */
function proposedFor(extra: Extra | null, order: OrderRecord): Partial<Entered> {
  switch (extra?.kind) {
    case undefined:
    case 'external':
      return {};
    case 'until':
      return { until: typedBeijing(order.expiresAt) };
    case 'refund':
      return { amount: typedYuan(extra.restFen), refundNo: proposedRefundNo(order) };
  }
}

function proposedRefundNo({ orderNo, refunds }: OrderRecord): string {
  const taken = new Set<string>(refunds.map(({ outRefundNo }) => outRefundNo));
  let n = refunds.length + 1;
  while (taken.has(`${orderNo}-R${n}`)) n += 1;
  return `${orderNo}-R${n}`;
}

export function refundForm(
  action: RefundAction,
  refund: RefundRecord,
  order: OrderRecord,
  language: Language,
): ActionForm {
  return {
    action,
    subject: refund.outRefundNo,
    path: paths.refundAction(refund.mchid, refund.outRefundNo, action),
    back: paths.order(refund),
    effect: refundEffect(action, refund, language),
    isPossible: refundActionsFor(order, refund).includes(action),
    typedNumber: refund.orderNo,
    extra: null,
    proposed: NOTHING_ENTERED,
  };
}

export function resendForm(event: MerchantEventRecord, language: Language): ActionForm {
  return {
    action: 'resend',
    subject: event.id,
    path: paths.resend(event.mchid, event.id),
    back: paths.order(event),
    effect: resendEffect(event, language),
    isPossible: canResend(event),
    typedNumber: null,
    extra: null,
    proposed: NOTHING_ENTERED,
  };
}

/** A notify that no order fits has nowhere to go: it is matched by itself once there is one. */
export function redriveForm(row: InboxRow, language: Language): ActionForm {
  const { mchid, orderNo } = row;
  return {
    action: 'redrive',
    subject: subjectOf(row),
    path: paths.redrive(mchid, row.id),
    back: orderNo === null ? '/ops/inbox' : paths.order({ mchid, orderNo }),
    effect: redriveEffect(row, language),
    isPossible: orderNo !== null || row.kind === 'other',
    typedNumber: null,
    extra: null,
    proposed: NOTHING_ENTERED,
  };
}
