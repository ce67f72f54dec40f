import type { Mchid, OutTradeNo } from '../../base/ids.js';
import { approvalsOfOrder } from '../../approvals/store/approval.js';
import { openRequests } from '../../actions/store/unfinished.js';
import type { Db } from '../../db/connection.js';
import { listEvents } from '../../shop-events/store/outbox.js';
import { explainOrder } from '../rules/explain/explain.js';
import type { ExplainInput } from '../rules/explain/row-facts.js';
import type { OrderRecord } from '../rules/record.js';
import { listEvidence } from '../store/evidence.js';
import { countGatewayCalls, keptAnswersAt, lastGatewayCall, waitingCalls } from '../store/gateway-call.js';
import type { OrderRef } from '../store/order.js';

export type EndpointDeps = {
  /** `webhook`: null where the shop has no endpoint. */
  readonly merchants: { of(mchid: Mchid): { readonly webhook?: object | null } | undefined };
};

type ExplainDeps = EndpointDeps & { readonly db: Db; readonly now: () => Date };

export const hasEndpoint = ({ merchants }: EndpointDeps, mchid: Mchid): boolean =>
  merchants.of(mchid)?.webhook !== null;

/** What an order waits for, with what it was read from; the same for API, page and command line. */
export async function explanationOf(deps: ExplainDeps, order: OrderRecord) {
  const { db, now: clock } = deps;
  const ref = { mchid: order.mchid, orderNo: order.orderNo };
  const now = clock();
  const [evidence, events, asked, approvals, calls, waiting, answeredAt] = await Promise.all([
    listEvidence(db, ref),
    listEvents(db, ref),
    openRequests(db, ref),
    approvalsOfOrder(db, ref),
    callsOf(db, ref),
    waitingCalls(db, ref, now),
    order.attempts.some(({ gateway }) => gateway !== null) ? keptAnswersAt(db, ref) : NONE_KEPT,
  ]);
  const pending = approvals.filter(({ status }) => status === 'pending');
  const heard = {
    answeredAt,
    evidence,
    events,
    asked,
    approvals: pending,
    hasEndpoint: hasEndpoint(deps, order.mchid),
  };
  const explain = explainOrder({ order, ...calls, ...waiting, ...heard, now });
  return { explain, evidence, events, approvals: pending };
}

const NONE_KEPT: ReadonlyMap<OutTradeNo, Date> = new Map();

async function callsOf(db: Db, ref: OrderRef): Promise<Pick<ExplainInput, 'lastCall' | 'callCount'>> {
  const lastCall = await lastGatewayCall(db, ref);
  return { lastCall, callCount: lastCall === undefined ? 0 : await countGatewayCalls(db, ref, lastCall.api) };
}
