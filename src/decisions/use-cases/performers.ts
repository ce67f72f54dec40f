import type { AboutOrder, DecisionName } from '../rules/decisions.js';
import type { ApprovalDecisionName } from '../../approvals/rules/approval.js';
import type { ApprovalRef } from '../../approvals/store/approval.js';
import { APPROVAL_BRINGERS, APPROVAL_PERFORMERS } from '../../approvals/use-cases/performers.js';
import { finishOperatorAction } from '../../actions/store/action.js';
import type { KeyedAsker } from '../../actions/use-cases/recorded-action.js';
import type { UnfinishedAction } from '../../actions/store/unfinished.js';
import type { OperatorAction } from '../../actions/rules/operator-action.js';
import { bringRedrive, redrive, type InboxCall, type InboxDeps } from '../../inbox/use-cases/redrive.js';
import type { OrderCall, OrderDeps } from '../../orders/use-cases/order.js';
import {
  done,
  ORDER_BRINGERS,
  ORDER_PERFORMERS,
  type Bring,
  type Inputs,
  type Perform,
} from '../../orders/use-cases/performers.js';
import type { RefundDecisionName } from '../../refunds/rules/decisions.js';
import {
  ORDER_REFUND_PERFORMERS,
  REFUND_BRINGERS,
  REFUND_PERFORMERS,
  type RefundInputs,
} from '../../refunds/use-cases/performers.js';
import type { RefundCall, RefundDeps } from '../../refunds/use-cases/refund.js';
import type { EndpointDeps } from '../../orders/use-cases/explanation.js';
import { bringResend, resend, type EventCall, type EventDeps } from '../../shop-events/use-cases/resend.js';

export type DecisionInputs = Inputs & RefundInputs;

type Subjects = Readonly<
  Record<AboutOrder, OrderCall> &
    Record<RefundDecisionName, RefundCall> &
    Record<ApprovalDecisionName, ApprovalRef> &
    Record<'resend', EventCall> &
    Record<'redrive', InboxCall>
>;

type PerformDeps = RefundDeps & EventDeps & EndpointDeps & InboxDeps;

export const PERFORMERS = {
  ...ORDER_PERFORMERS,
  ...ORDER_REFUND_PERFORMERS,
  ...REFUND_PERFORMERS,
  ...APPROVAL_PERFORMERS,
  resend: done(resend),
  redrive: done(redrive),
} as const satisfies {
  readonly [Name in DecisionName]: Perform<PerformDeps, Subjects[Name], DecisionInputs, KeyedAsker>;
};

export type BringDeps = Omit<OrderDeps, 'log'> & EventDeps;

const BRINGERS = {
  ...ORDER_BRINGERS,
  ...REFUND_BRINGERS,
  ...APPROVAL_BRINGERS,
  resend: bringResend,
  redrive: bringRedrive,
} as const satisfies Readonly<Record<OperatorAction, Bring<BringDeps>>>;

/** Brings a recorded request to its workflow, under its first id: one that arrived before is joined. Throws {@link TemporalUnavailable}. */
export async function bring(deps: BringDeps, request: UnfinishedAction): Promise<void> {
  const outcome = await BRINGERS[request.action](deps, request);
  if (outcome !== 'pending') await finishOperatorAction(deps.db, request.id, outcome, deps.now());
}
