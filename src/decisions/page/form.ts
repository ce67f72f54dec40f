import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import { MINUTE } from '../../base/time.js';
import { MAX_LIFE_MS } from '../../orders/rules/requests.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import { subjectOf, type InboxRow } from '../../inbox/store/inbox.js';
import { paths } from '../../orders/page/model.js';
import { enteredOf, typedBeijing, typedYuan, type Entered } from './fields.js';
import type { Effect, Input } from '../../actions/rules/decision.js';
import { ABOUT_ORDERS, possibleFor, type AboutOrder, type DecisionName } from '../rules/decisions.js';
import type { ApprovalDecisionName, ApprovalRecord } from '../../approvals/rules/approval.js';
import { APPROVAL_DECISIONS, type ApprovalDecision } from '../../approvals/rules/decisions.js';
import { REDRIVE } from '../../inbox/rules/decisions.js';
import { moneyOf } from '../../orders/rules/standing.js';
import type { OrderDecision } from '../../orders/rules/decisions.js';
import { REFUND_DECISIONS, refundStanding, type RefundDecisionName } from '../../refunds/rules/decisions.js';
import { RESEND } from '../../shop-events/rules/decisions.js';

export type ActionForm = {
  readonly action: DecisionName;
  /** A number or an id. */
  readonly subject: string;
  readonly path: string;
  readonly back: string;
  readonly effect: Effect;
  readonly isPossible: boolean;
  /** The number that a person types to move money. */
  readonly typedNumber: string | null;
  readonly extra: Extra | null;
  /** What the fields hold before anybody typed. */
  readonly proposed: Entered;
};

export type Extra =
  | { readonly kind: 'until'; readonly from: Date; readonly to: Date }
  | { readonly kind: 'refund'; readonly restFen: number }
  | { readonly kind: 'external' };

const NOTHING_ENTERED = enteredOf({});
const REASON_ONLY = { typedNumber: null, extra: null, proposed: NOTHING_ENTERED } as const;

export function orderForm(action: AboutOrder, order: OrderRecord, now: Date): ActionForm {
  const decision: OrderDecision = ABOUT_ORDERS[action];
  const { extra, proposed } = inputOf(decision.input, order, now);
  return {
    action,
    subject: order.orderNo,
    path: paths.orderAction(order, action),
    back: paths.order(order),
    effect: decision.effect(order, now),
    isPossible: possibleFor(order, now).includes(action),
    typedNumber: decision.movesMoney === true ? order.orderNo : null,
    extra,
    proposed: { ...NOTHING_ENTERED, ...proposed },
  };
}

type FormInput = { readonly extra: Extra | null; readonly proposed: Partial<Entered> };

function inputOf(input: Input | undefined, order: OrderRecord, now: Date): FormInput {
  switch (input) {
    case undefined:
      return { extra: null, proposed: {} };
    case 'external':
      return { extra: { kind: 'external' }, proposed: {} };
    case 'refund': {
      const { restFen } = moneyOf(order);
      const proposed = { amount: typedYuan(restFen), refundNo: proposedRefundNo(order) };
      return { extra: { kind: 'refund', restFen }, proposed };
    }
    case 'until': {
      const from = new Date(Math.ceil((now.getTime() + MINUTE) / MINUTE) * MINUTE);
      const to = new Date(order.createdAt.getTime() + MAX_LIFE_MS);
      return { extra: { kind: 'until', from, to }, proposed: { until: typedBeijing(order.expiresAt) } };
    }
  }
}

/** The same number until the order has another refund: two people who refund at once refund once, or one gets a conflict. */
function proposedRefundNo({ orderNo, refunds }: OrderRecord): string {
  const taken = new Set<string>(refunds.map(({ outRefundNo }) => outRefundNo));
  let n = refunds.length + 1;
  while (taken.has(`${orderNo}-R${n}`)) n += 1;
  return `${orderNo}-R${n}`;
}

export function refundForm(action: RefundDecisionName, refund: RefundRecord, order: OrderRecord): ActionForm {
  return {
    action,
    subject: refund.outRefundNo,
    path: paths.refundAction(refund.mchid, refund.outRefundNo, action),
    back: paths.order(refund),
    effect: REFUND_DECISIONS[action].effect(refund),
    isPossible: REFUND_DECISIONS[action].isPossible(refundStanding(order, refund)),
    ...REASON_ONLY,
    typedNumber: refund.orderNo,
  };
}

export function approvalForm(action: ApprovalDecisionName, approval: ApprovalRecord): ActionForm {
  const decision: ApprovalDecision = APPROVAL_DECISIONS[action];
  return {
    action,
    subject: approval.outRefundNo,
    path: paths.approvalAction(approval, action),
    back: paths.order(approval),
    effect: decision.effect(approval),
    isPossible: decision.isPossible(approval),
    ...REASON_ONLY,
    typedNumber: action === 'approve' ? approval.orderNo : null,
  };
}

export function resendForm(event: MerchantEventRecord, hasEndpoint: boolean): ActionForm {
  const { mchid, orderNo, date } = event;
  return {
    action: 'resend',
    subject: event.id,
    path: paths.resend(mchid, event.id),
    back: orderNo === null ? paths.day({ mchid, date: date ?? '' }) : paths.order({ mchid, orderNo }),
    effect: RESEND.effect(event),
    isPossible: RESEND.isPossible(event, hasEndpoint),
    ...REASON_ONLY,
  };
}

export function redriveForm(row: InboxRow): ActionForm {
  const { mchid, orderNo } = row;
  return {
    action: 'redrive',
    subject: subjectOf(row),
    path: paths.redrive(mchid, row.id),
    back: orderNo === null ? '/ops/inbox' : paths.order({ mchid, orderNo }),
    effect: REDRIVE.effect(row),
    isPossible: REDRIVE.isPossible(row),
    ...REASON_ONLY,
  };
}
