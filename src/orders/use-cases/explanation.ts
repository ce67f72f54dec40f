import type { Mchid, OutTradeNo } from '../../base/ids.js';
import { pendingApprovalsOfOrders } from '../../approvals/store/approval.js';
import { openRequestsOfOrders } from '../../actions/store/unfinished.js';
import type { Db } from '../../db/connection.js';
import { eventsOfOrders } from '../../shop-events/store/outbox.js';
import { explainOrder } from '../rules/explain/explain.js';
import type { OrderRecord } from '../rules/record.js';
import { callsOfOrders, evidenceOfOrders, keptAnswersOfOrders } from '../store/heard.js';

export type EndpointDeps = {
  /** `webhook`: null where the shop has no endpoint. */
  readonly merchants: { of(mchid: Mchid): { readonly webhook?: object | null } | undefined };
};

type ExplainDeps = EndpointDeps & { readonly db: Db; readonly now: () => Date };

export const hasEndpoint = ({ merchants }: EndpointDeps, mchid: Mchid): boolean =>
  merchants.of(mchid)?.webhook !== null;

/** What an order waits for, with what it was read from; the same for API, page and command line. */
export async function explanationOf(deps: ExplainDeps, order: OrderRecord) {
  return (await explanationsOf(deps, [order]))(order);
}

/** Of several orders, in as many statements as of one. */
export async function explanationsOf(deps: ExplainDeps, orders: readonly OrderRecord[]) {
  const { db, now: clock } = deps;
  const now = clock();
  const refused = orders.filter(({ attempts }) => attempts.some(({ gateway }) => gateway !== null));
  const [evidenceOf, eventsOf, askedOf, pendingOf, callsOf, answeredAtOf] = await Promise.all([
    evidenceOfOrders(db, orders),
    eventsOfOrders(db, orders),
    openRequestsOfOrders(db, orders),
    pendingApprovalsOfOrders(db, orders),
    callsOfOrders(db, orders, now),
    refused.length > 0 ? keptAnswersOfOrders(db, refused) : () => NONE_KEPT,
  ]);
  return (order: OrderRecord) => {
    const [evidence, events, approvals] = [evidenceOf(order), eventsOf(order), pendingOf(order)];
    const heard = { evidence, events, approvals, asked: askedOf(order), answeredAt: answeredAtOf(order) };
    const facts = { ...callsOf(order), ...heard, hasEndpoint: hasEndpoint(deps, order.mchid) };
    return { explain: explainOrder({ order, ...facts, now }), evidence, events, approvals };
  };
}

const NONE_KEPT: ReadonlyMap<OutTradeNo, Date> = new Map();
