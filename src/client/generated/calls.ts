// Made from the API's document by `npm run client:types`.
import type { AnswerOf, InputOf, Operation, OperationId } from '../call.js';
import { itemsOf } from '../pages.js';
import type { CallOptions } from '../retry.js';

export const OPERATIONS = {
  searchOrders: { method: 'GET', path: '/v1/search', query: ['number', 'mchid'] },
  createOrder: { method: 'POST', path: '/v1/orders', query: ['mchid'] },
  listOrders: { method: 'GET', path: '/v1/orders', query: ['mchid', 'q', 'amountFen', 'state', 'stuckReason', 'closedReason', 'createdFrom', 'createdTo', 'paidFrom', 'paidTo', 'product', 'appid', 'sort', 'cursor', 'limit'] },
  getOrder: { method: 'GET', path: '/v1/orders/{orderNo}', query: ['mchid'] },
  getTimeline: { method: 'GET', path: '/v1/orders/{orderNo}/timeline', query: ['mchid'] },
  openAttempt: { method: 'POST', path: '/v1/orders/{orderNo}/attempts', query: ['mchid'] },
  syncOrder: { method: 'POST', path: '/v1/orders/{orderNo}/sync', query: ['mchid'] },
  closeOrder: { method: 'POST', path: '/v1/orders/{orderNo}/close', query: ['mchid'] },
  reportFulfilment: { method: 'POST', path: '/v1/orders/{orderNo}/fulfilment', query: ['mchid'] },
  streamOrder: { method: 'GET', path: '/v1/orders/{orderNo}/stream', query: ['mchid'] },
  listRefunds: { method: 'GET', path: '/v1/refunds', query: ['mchid', 'q', 'amountFen', 'state', 'cause', 'orderNo', 'createdFrom', 'createdTo', 'acceptedFrom', 'acceptedTo', 'succeededFrom', 'succeededTo', 'cursor', 'limit'] },
  createRefund: { method: 'POST', path: '/v1/orders/{orderNo}/refunds', query: ['mchid'] },
  getRefund: { method: 'GET', path: '/v1/refunds/{refundNo}', query: ['mchid'] },
  listApprovals: { method: 'GET', path: '/v1/approvals', query: ['mchid', 'status', 'cursor', 'limit'] },
  getApproval: { method: 'GET', path: '/v1/approvals/{id}', query: ['mchid'] },
  decideApproval: { method: 'POST', path: '/v1/approvals/{id}', query: ['mchid'] },
  recheckOrder: { method: 'POST', path: '/v1/orders/{orderNo}/recheck', query: ['mchid'] },
  extendOrder: { method: 'POST', path: '/v1/orders/{orderNo}/extend', query: ['mchid'] },
  resolveOrder: { method: 'POST', path: '/v1/orders/{orderNo}/resolve', query: ['mchid'] },
  rescueOrder: { method: 'POST', path: '/v1/orders/{orderNo}/rescue', query: ['mchid'] },
  recordExternalRefund: { method: 'POST', path: '/v1/orders/{orderNo}/external-refunds', query: ['mchid'] },
  rescueRefund: { method: 'POST', path: '/v1/refunds/{refundNo}/rescue', query: ['mchid'] },
  resolveRefund: { method: 'POST', path: '/v1/refunds/{refundNo}/resolve', query: ['mchid'] },
  listEvents: { method: 'GET', path: '/v1/events', query: ['mchid', 'type', 'orderNo', 'after', 'cursor', 'limit'] },
  streamEvents: { method: 'GET', path: '/v1/events/stream', query: ['mchid', 'type', 'orderNo', 'after'] },
  sendTestEvent: { method: 'POST', path: '/v1/events/test', query: ['mchid'] },
  resendEvent: { method: 'POST', path: '/v1/events/{id}/resend', query: ['mchid'] },
  listInbox: { method: 'GET', path: '/v1/inbox', query: ['mchid', 'status', 'cursor', 'limit'] },
  redriveInbox: { method: 'POST', path: '/v1/inbox/{id}/redrive', query: ['mchid'] },
  startBulk: { method: 'POST', path: '/v1/bulk', query: ['mchid'] },
  listBulks: { method: 'GET', path: '/v1/bulk', query: ['mchid', 'limit'] },
  getBulk: { method: 'GET', path: '/v1/bulk/{id}', query: ['mchid'] },
  listReconciliations: { method: 'GET', path: '/v1/reconciliations', query: ['mchid', 'from', 'to'] },
  runReconciliation: { method: 'POST', path: '/v1/reconciliations', query: ['mchid'] },
  getReconciliation: { method: 'GET', path: '/v1/reconciliations/{date}', query: ['mchid'] },
  listReconciliationLines: { method: 'GET', path: '/v1/reconciliations/{date}/lines', query: ['mchid', 'class', 'cursor', 'limit'] },
  listReconciliationEvents: { method: 'GET', path: '/v1/reconciliations/{date}/events', query: ['mchid'] },
  listDiscrepancies: { method: 'GET', path: '/v1/discrepancies', query: ['mchid', 'status', 'class', 'from', 'to', 'cursor', 'limit'] },
  getDiscrepancy: { method: 'GET', path: '/v1/discrepancies/{id}', query: ['mchid'] },
  resolveDiscrepancy: { method: 'POST', path: '/v1/discrepancies/{id}/resolve', query: ['mchid'] },
  getStatement: { method: 'GET', path: '/v1/statements', query: ['mchid', 'from', 'to', 'groupBy'] },
} as const satisfies Record<OperationId, Operation>;

export abstract class Calls {
  protected abstract send<Id extends OperationId>(id: Id, input: object, options?: CallOptions): Promise<AnswerOf<Id>>;

  /**
   * Find orders by any number: exactly this one.
   *
   * Of all merchants of the key, or of the one that `mchid` names.
   */
  searchOrders(input: InputOf<'searchOrders'>, options?: CallOptions): Promise<AnswerOf<'searchOrders'>> {
    return this.send('searchOrders', input, options);
  }

  /**
   * Create an order, or repeat a creation.
   *
   * The orderNo makes it safe to repeat: an equal body answers the same order, another one `order_conflict`. Waits up to 8 s for WeChat Pay; after that, while Temporal is away, and while somebody has to repair the configuration, 202: it goes on by itself. `codeScan` charges the payer at once: 201 `paid`; 202 `awaitingPayment` while the payer types the password or nobody knows yet (asked every 5 s, after 45 s reversed); 422 `charge_refused`, after which `POST …/attempts` takes the next code.
   */
  createOrder(input: InputOf<'createOrder'>, options?: CallOptions): Promise<AnswerOf<'createOrder'>> {
    return this.send('createOrder', input, options);
  }

  /**
   * Orders, newest first; those that are paid, the newest payment first; those that are stuck, oldest first.
   */
  listOrders(input: InputOf<'listOrders'> = {}, options?: CallOptions): Promise<AnswerOf<'listOrders'>> {
    return this.send('listOrders', input, options);
  }

  /** Every item of {@link listOrders}, page after page. */
  allOrders(input: Omit<InputOf<'listOrders'>, 'cursor'> = {}, options?: CallOptions) {
    return itemsOf((place) => this.listOrders({ ...input, ...place }, options));
  }

  /**
   * One order, its evidence, and what it is waiting for.
   */
  getOrder(input: InputOf<'getOrder'>, options?: CallOptions): Promise<AnswerOf<'getOrder'>> {
    return this.send('getOrder', input, options);
  }

  /**
   * Everything that happened to an order, oldest first.
   *
   * Whoever says so: attempts, evidence, notifies, calls to WeChat Pay (the newest 500; `call.omitted` counts the rest), refunds, what the shop was told, and what people did, with the order before and after.
   */
  getTimeline(input: InputOf<'getTimeline'>, options?: CallOptions): Promise<AnswerOf<'getTimeline'>> {
    return this.send('getTimeline', input, options);
  }

  /**
   * Let the payer pay in another way, or with a fresh code.
   *
   * Parameters equal to the open attempt re-enter it: the same outTradeNo, with a fresh code if the old one has less than 60 s left. Others close the open attempt first, and open a new number only when it is confirmed closed. Of a merchant on API v2 no attempt can be closed in the first 5 minutes after its prepay: until then the call is answered 409 `close_too_early`, records nothing, and `Retry-After` says in how many seconds to repeat it.
   */
  openAttempt(input: InputOf<'openAttempt'>, options?: CallOptions): Promise<AnswerOf<'openAttempt'>> {
    return this.send('openAttempt', input, options);
  }

  /**
   * The payer came back: ask WeChat Pay now.
   *
   * At most one query per 5 s and order, else the last answer.
   */
  syncOrder(input: InputOf<'syncOrder'>, options?: CallOptions): Promise<AnswerOf<'syncOrder'>> {
    return this.send('syncOrder', input, options);
  }

  /**
   * Close an order nobody should pay any more.
   *
   * Asks WeChat Pay, closes, and asks again. A payment that arrives meanwhile wins.
   */
  closeOrder(input: InputOf<'closeOrder'>, options?: CallOptions): Promise<AnswerOf<'closeOrder'>> {
    return this.send('closeOrder', input, options);
  }

  /**
   * Say whether the goods of a paid order are delivered.
   *
   * For an order whose policy requires it. `rejected` gives back what was paid and is not back yet. What is said first stands.
   */
  reportFulfilment(input: InputOf<'reportFulfilment'>, options?: CallOptions): Promise<AnswerOf<'reportFulfilment'>> {
    return this.send('reportFulfilment', input, options);
  }

  /**
   * Refunds, newest first: the shop's, PaySaga's own and those that somebody else made.
   *
   * In the order of one kind of times, the one that is asked about: of creation unless told, and always with `q`. `state` goes with times of creation, and beside it either `cause` or `amountFen`; where a `q` or an `orderNo` is given, everything goes together.
   */
  listRefunds(input: InputOf<'listRefunds'> = {}, options?: CallOptions): Promise<AnswerOf<'listRefunds'>> {
    return this.send('listRefunds', input, options);
  }

  /** Every item of {@link listRefunds}, page after page. */
  allRefunds(input: Omit<InputOf<'listRefunds'>, 'cursor'> = {}, options?: CallOptions) {
    return itemsOf((place) => this.listRefunds({ ...input, ...place }, options));
  }

  /**
   * Give money of a paid order back, or repeat a refund.
   *
   * The refundNo makes it safe to repeat: an equal body answers the same refund, another one `refund_conflict`. The money is held at once; WeChat Pay is asked afterwards, and the refund ends by itself. Up to 50 refunds of one payment, within 365 days. Where the merchant has set `approval`, a refund that brings what was asked for without an approval above its sum is answered 202, `approval_pending`: it holds no money and begins once another person approves it.
   */
  createRefund(input: InputOf<'createRefund'>, options?: CallOptions): Promise<AnswerOf<'createRefund'>> {
    return this.send('createRefund', input, options);
  }

  /**
   * One refund, the shop's or PaySaga's own.
   */
  getRefund(input: InputOf<'getRefund'>, options?: CallOptions): Promise<AnswerOf<'getRefund'>> {
    return this.send('getRefund', input, options);
  }

  /**
   * Refunds that need the approval of another person, newest first.
   *
   * Also those that were decided. A merchant key may read them; an operator decides.
   */
  listApprovals(input: InputOf<'listApprovals'> = {}, options?: CallOptions): Promise<AnswerOf<'listApprovals'>> {
    return this.send('listApprovals', input, options);
  }

  /** Every item of {@link listApprovals}, page after page. */
  allApprovals(input: Omit<InputOf<'listApprovals'>, 'cursor'> = {}, options?: CallOptions) {
    return itemsOf((place) => this.listApprovals({ ...input, ...place }, options));
  }

  /**
   * One of them.
   */
  getApproval(input: InputOf<'getApproval'>, options?: CallOptions): Promise<AnswerOf<'getApproval'>> {
    return this.send('getApproval', input, options);
  }

  /**
   * Approve a refund that waits, or reject it.
   *
   * By another person than who asked: neither the same key nor the same name (`own_approval`). `approve` begins the refund as if it was asked for now, and all is looked at again; where that is refused it still waits. `reject` ends it for good. The same decision again changes nothing, the other one is `approval_final`.
   */
  decideApproval(input: InputOf<'decideApproval'>, options?: CallOptions): Promise<AnswerOf<'decideApproval'>> {
    return this.send('decideApproval', input, options);
  }

  /**
   * Ask WeChat Pay about everything that is not settled.
   *
   * Starts the order again if its workflow has ended, and with it the refunds that are under way. The answer is the order as it stands; what WeChat Pay says shows as changes.
   */
  recheckOrder(input: InputOf<'recheckOrder'>, options?: CallOptions): Promise<AnswerOf<'recheckOrder'>> {
    return this.send('recheckOrder', input, options);
  }

  /**
   * Move the order's deadline.
   *
   * Until at most 7 days after creation. Moves PaySaga's deadline, not WeChat Pay's `time_expire` of a code that was handed out.
   */
  extendOrder(input: InputOf<'extendOrder'>, options?: CallOptions): Promise<AnswerOf<'extendOrder'>> {
    return this.send('extendOrder', input, options);
  }

  /**
   * Decide what only a person may decide.
   *
   * For an order in `review`, or one that is stuck on money. WeChat Pay is asked about all of it first. `accept` takes the money that is there, whatever its amount; `return` gives back what is left of it; `close` ends an order without money. Of a trade in REFUND that no known refund explains, WeChat Pay says no sum: enter the refund first (`external-refunds`), until then only `close` applies, and the order ends `cancelled`.
   */
  resolveOrder(input: InputOf<'resolveOrder'>, options?: CallOptions): Promise<AnswerOf<'resolveOrder'>> {
    return this.send('resolveOrder', input, options);
  }

  /**
   * Let an order go on whose workflow cannot.
   *
   * Ends the run that fails its task or that no worker takes, and starts the order again from its rows; with it its refunds that stand still. Nothing that is known or was asked for is lost.
   */
  rescueOrder(input: InputOf<'rescueOrder'>, options?: CallOptions): Promise<AnswerOf<'rescueOrder'>> {
    return this.send('rescueOrder', input, options);
  }

  /**
   * Book a refund that somebody else made at WeChat Pay.
   *
   * For a refund made in the merchant platform or by another system, of which no notify came. WeChat Pay is asked about it by its number; what it says becomes a refund with `cause: external`, which leaves less for PaySaga to give back. Where the shop or PaySaga asked for a refund under the same number with other terms, that one becomes it: the shop is told `refund.rejected` of what was asked for, and the rest of one of PaySaga's own goes back under its next number. If WeChat Pay knows the number as that of another payment, a refund of this order under it ends, and its money is free.
   */
  recordExternalRefund(input: InputOf<'recordExternalRefund'>, options?: CallOptions): Promise<AnswerOf<'recordExternalRefund'>> {
    return this.send('recordExternalRefund', input, options);
  }

  /**
   * Let a refund go on whose workflow cannot.
   *
   * Ends the run that cannot go on and starts the refund again from its row, under the same number.
   */
  rescueRefund(input: InputOf<'rescueRefund'>, options?: CallOptions): Promise<AnswerOf<'rescueRefund'>> {
    return this.send('rescueRefund', input, options);
  }

  /**
   * Decide what becomes of a refund that does not end by itself.
   *
   * WeChat Pay is asked first: it has to confirm what the decision is based on. `abnormalRefund` sends an `abnormal` one to the payer's bank card, or without `card` to the merchant's own, from which the merchant pays the payer; `paidOffline` ends it as paid back outside WeChat Pay, or, where it is one of PaySaga's own that was `rejected` or `closed`, makes a successor that is `succeeded` and `offline` and never sent; `reissue` makes the successor of one of PaySaga's own that was `rejected` or `closed`.
   */
  resolveRefund(input: InputOf<'resolveRefund'>, options?: CallOptions): Promise<AnswerOf<'resolveRefund'>> {
    return this.send('resolveRefund', input, options);
  }

  /**
   * What the shop is told, in the order in which it was written.
   *
   * Of orders, refunds and days; also where the shop has no endpoint. An event shows once none can appear before it any more, so whoever goes on after the last one misses none.
   */
  listEvents(input: InputOf<'listEvents'> = {}, options?: CallOptions): Promise<AnswerOf<'listEvents'>> {
    return this.send('listEvents', input, options);
  }

  /** Every item of {@link listEvents}, page after page. */
  allEvents(input: Omit<InputOf<'listEvents'>, 'cursor'> = {}, options?: CallOptions) {
    return itemsOf((place) => this.listEvents({ ...input, ...place }, options));
  }

  /**
   * Send the shop a test event.
   *
   * Signed and sent to the merchant’s endpoint as every event, once: `{"type":"test","timestamp":…,"data":{}}`. It is no event of the merchant’s and is not kept. Answers what came back, within 10 s. Five at once, then one every 5 s.
   */
  sendTestEvent(input: InputOf<'sendTestEvent'> = {}, options?: CallOptions): Promise<AnswerOf<'sendTestEvent'>> {
    return this.send('sendTestEvent', input, options);
  }

  /**
   * Tell the shop again.
   *
   * Also what was delivered: the same event under the same id, tried from the beginning of the schedule. The answer is the event as it stands; deliveries show as they happen.
   */
  resendEvent(input: InputOf<'resendEvent'>, options?: CallOptions): Promise<AnswerOf<'resendEvent'>> {
    return this.send('resendEvent', input, options);
  }

  /**
   * Verified notifies, newest first, and what became of them.
   */
  listInbox(input: InputOf<'listInbox'> = {}, options?: CallOptions): Promise<AnswerOf<'listInbox'>> {
    return this.send('listInbox', input, options);
  }

  /** Every item of {@link listInbox}, page after page. */
  allInbox(input: Omit<InputOf<'listInbox'>, 'cursor'> = {}, options?: CallOptions) {
    return itemsOf((place) => this.listInbox({ ...input, ...place }, options));
  }

  /**
   * Tell the order or the refund again what a notify says.
   *
   * Safe to repeat: money that is settled stays as it is, and the row becomes `duplicate`. What is `unsupported` is read again, and delivered if this version handles it.
   */
  redriveInbox(input: InputOf<'redriveInbox'>, options?: CallOptions): Promise<AnswerOf<'redriveInbox'>> {
    return this.send('redriveInbox', input, options);
  }

  /**
   * Hold, release, recheck or extend many orders.
   *
   * Which orders is settled when it is taken, the oldest first. `hold`, `release` and `extend` take orders that can still be paid; an order named in `orderNos` is taken whatever its state, and fails with its code where nothing can be moved. They are done one after the other, about 20 a second. Begin with `dryRun`: it tells how many and how much, and does nothing.
   */
  startBulk(input: InputOf<'startBulk'>, options?: CallOptions): Promise<AnswerOf<'startBulk'>> {
    return this.send('startBulk', input, options);
  }

  /**
   * The latest bulks, newest first.
   */
  listBulks(input: InputOf<'listBulks'> = {}, options?: CallOptions): Promise<AnswerOf<'listBulks'>> {
    return this.send('listBulks', input, options);
  }

  /**
   * How far a bulk is.
   */
  getBulk(input: InputOf<'getBulk'>, options?: CallOptions): Promise<AnswerOf<'getBulk'>> {
    return this.send('getBulk', input, options);
  }

  /**
   * Days and whether our books and WeChat Pay's bills agree, the latest first.
   *
   * A day that no run was ever begun for is not listed.
   */
  listReconciliations(input: InputOf<'listReconciliations'> = {}, options?: CallOptions): Promise<AnswerOf<'listReconciliations'>> {
    return this.send('listReconciliations', input, options);
  }

  /**
   * Reconcile a day now, or once more.
   *
   * Days are reconciled by themselves from 10:05 on. The same day again fetches its bills, matches them and asks about what differs once more; what a person decided stays. A run under way that waits goes on at once. Operators only.
   */
  runReconciliation(input: InputOf<'runReconciliation'>, options?: CallOptions): Promise<AnswerOf<'runReconciliation'>> {
    return this.send('runReconciliation', input, options);
  }

  /**
   * A day: its bills, both sides by class, and what is open.
   */
  getReconciliation(input: InputOf<'getReconciliation'>, options?: CallOptions): Promise<AnswerOf<'getReconciliation'>> {
    return this.send('getReconciliation', input, options);
  }

  /**
   * The lines of a day, by class.
   *
   * Lines of the trade bill with what our books have of them, and what our books have and no bill. Without `class` each class follows the other, and what is of several is listed in each. No amount has a sign: `subject` says which way the money went. The file has all of them, refunds below zero; `limit` is that of a page of JSON.
   */
  listReconciliationLines(input: InputOf<'listReconciliationLines'>, options?: CallOptions): Promise<AnswerOf<'listReconciliationLines'>> {
    return this.send('listReconciliationLines', input, options);
  }

  /** Every item of {@link listReconciliationLines}, page after page. */
  allReconciliationLines(input: Omit<InputOf<'listReconciliationLines'>, 'cursor'>, options?: CallOptions) {
    return itemsOf((place) => this.listReconciliationLines({ ...input, ...place }, options));
  }

  /**
   * What the shop was told of a day, the latest first.
   *
   * `reconciliation.completed` of each run, and each `discrepancy.opened`; the newest 200 with their deliveries. An operator sends one again by its id.
   */
  listReconciliationEvents(input: InputOf<'listReconciliationEvents'>, options?: CallOptions): Promise<AnswerOf<'listReconciliationEvents'>> {
    return this.send('listReconciliationEvents', input, options);
  }

  /**
   * Where our books and WeChat Pay's bills disagree, the latest day first.
   */
  listDiscrepancies(input: InputOf<'listDiscrepancies'> = {}, options?: CallOptions): Promise<AnswerOf<'listDiscrepancies'>> {
    return this.send('listDiscrepancies', input, options);
  }

  /** Every item of {@link listDiscrepancies}, page after page. */
  allDiscrepancies(input: Omit<InputOf<'listDiscrepancies'>, 'cursor'> = {}, options?: CallOptions) {
    return itemsOf((place) => this.listDiscrepancies({ ...input, ...place }, options));
  }

  /**
   * One discrepancy.
   */
  getDiscrepancy(input: InputOf<'getDiscrepancy'>, options?: CallOptions): Promise<AnswerOf<'getDiscrepancy'>> {
    return this.send('getDiscrepancy', input, options);
  }

  /**
   * Decide about a discrepancy, or have it looked at again.
   *
   * `accept`: it stays as it is. `resolve`: it was put right elsewhere. Neither moves money, and both are final. `recheck` has its order or refund ask WeChat Pay, where one here can, and runs the day again: it is `repaired` where both sides then agree. Operators only.
   */
  resolveDiscrepancy(input: InputOf<'resolveDiscrepancy'>, options?: CallOptions): Promise<AnswerOf<'resolveDiscrepancy'>> {
    return this.send('resolveDiscrepancy', input, options);
  }

  /**
   * Takings by day, month, product or appid.
   *
   * From PaySaga's own books as they stand now. `paidFen` is what `GET /v1/orders?paidFrom=&paidTo=` lists of the same days, `refundedFen` and `returnedFen` together what `GET /v1/refunds?acceptedFrom=&acceptedTo=` lists, less the `closed` ones. Fees and settlement follow once the days are reconciled.
   */
  getStatement(input: InputOf<'getStatement'>, options?: CallOptions): Promise<AnswerOf<'getStatement'>> {
    return this.send('getStatement', input, options);
  }
}
