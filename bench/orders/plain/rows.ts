import postgres, { type ISql, type Sql } from 'postgres';
import type { Trade } from './wechat.js';

type Ref = { readonly mchid: string; readonly orderNo: string };
type Terms = Ref & {
  readonly appid: string;
  readonly amountFen: number;
  readonly body: string;
  readonly expiresAt: Date;
};
type Notified = { readonly key: string; readonly raw: string; readonly serialNo: string; readonly trade: Trade };

const SHA = '0'.repeat(64);
const POLICY = { latePayment: 'refund', fulfilment: { required: false } };
const ofTrade = ({ transaction_id, amount }: Trade) => ({
  ...{ transaction_id, trade_type: 'NATIVE' },
  ...{ amount_fen: amount.total, currency: amount.currency },
});

export const openRows = (databaseUrl: string): Sql => postgres(databaseUrl, { max: 10, onnotice: () => undefined });

/** The rows of a happy order in PaySaga's own tables, each as few statements as it takes, each change in one transaction. */
export const createOrder = (sql: Sql, { mchid, orderNo, appid, amountFen, body, expiresAt }: Terms): Promise<unknown> =>
  sql.begin(async (tx) => {
    const at = new Date();
    await tx`insert into orders ${tx({
      ...{ mchid, order_no: orderNo, amount_fen: amountFen, product: 'native', appid },
      ...{ description: 'Longjing tea, 50 g', policy: tx.json(POLICY), body_hash: SHA },
      ...{ expires_in_seconds: 7_200, expires_at: expiresAt, created_at: at },
    })}`;
    await tx`insert into attempts ${tx({
      ...{ mchid, order_no: orderNo, out_trade_no: orderNo, number: 1, product: 'native', appid },
      ...{ prepay_body: body, prepay_started_at: at, body_hash: SHA },
    })}`;
  });

export const openAttempt = (sql: Sql, ref: Ref, codeUrl: string): Promise<unknown> =>
  sql.begin(async (tx) => {
    const expiresAt = new Date(Date.now() + 7_200_000);
    await tx`update attempts set state = 'open', code_url = ${codeUrl}, code_expires_at = ${expiresAt}, code_given_at = now()
      where mchid = ${ref.mchid} and out_trade_no = ${ref.orderNo}`;
    await tx`update orders set state = 'awaitingPayment', version = version + 1
      where mchid = ${ref.mchid} and order_no = ${ref.orderNo}`;
    await insertCall(tx, ref, 'prepay', 'opened');
  });

/** Before the workflow hears of it. */
export const recordNotify = (sql: Sql, ref: Ref, { key, raw, serialNo, trade }: Notified): Promise<unknown> =>
  sql.begin(async (tx) => {
    await tx`insert into notify_inbox ${tx({
      ...{ mchid: ref.mchid, protocol: 'v3', kind: 'payment', event_type: 'TRANSACTION.SUCCESS', key },
      ...{ status: 'verified', out_trade_no: ref.orderNo, order_no: ref.orderNo, evidence: tx.json(trade) },
      ...{ serial_no: serialNo, raw_body: Buffer.from(raw), headers: tx.json({}), received_at: new Date() },
    })}`;
    await insertEvidence(tx, ref, 'notify', trade);
  });

export const markSignalled = (sql: Sql, { mchid }: Ref, key: string): Promise<unknown> =>
  sql`update notify_inbox set status = 'signalled', signalled_at = now() where mchid = ${mchid} and key = ${key}`;

export const payOrder = (sql: Sql, ref: Ref, trade: Trade, event: { readonly id: string; readonly body: string }) =>
  sql.begin(async (tx) => {
    const { mchid, orderNo } = ref;
    await tx`update attempts set state = 'succeeded', transaction_id = ${trade.transaction_id}, paid_fen = ${trade.amount.total},
      payment = ${tx.json(trade)}, paid_at = ${trade.success_time}
      where mchid = ${mchid} and out_trade_no = ${orderNo}`;
    await tx`update orders set state = 'paid', version = version + 1, paid_attempt = ${orderNo}, paid_fen = ${trade.amount.total},
      paid_at = ${trade.success_time}, found_by = 'notify'
      where mchid = ${mchid} and order_no = ${orderNo}`;
    await insertEvidence(tx, ref, 'query', trade);
    await insertCall(tx, ref, 'query', 'paid');
    const row = {
      id: event.id,
      mchid,
      order_no: orderNo,
      type: 'order.paid',
      body: event.body,
      created_at: new Date(),
    };
    await tx`insert into merchant_events ${tx(row)}`;
  });

export const markTold = (sql: Sql, eventId: string, status: number): Promise<unknown> =>
  sql.begin(async (tx) => {
    const row = { event_id: eventId, at: new Date(), status, outcome: 'delivered', duration_ms: 1 };
    await tx`insert into deliveries ${tx(row)}`;
    await tx`update merchant_events set status = 'delivered', tries = 1, delivered_at = now() where id = ${eventId}`;
  });

function insertCall(tx: ISql, { mchid, orderNo }: Ref, api: string, outcome: string): Promise<unknown> {
  const call = { mchid, order_no: orderNo, out_trade_no: orderNo, api, at: new Date(), outcome, duration_ms: 1 };
  return tx`insert into gateway_calls ${tx(call)}`;
}

function insertEvidence(tx: ISql, { mchid, orderNo }: Ref, source: string, trade: Trade): Promise<unknown> {
  const of = { mchid, order_no: orderNo, out_trade_no: orderNo, source, appid: 'wx', at: trade.success_time };
  return tx`insert into evidence ${tx({ ...of, ...ofTrade(trade) })}`;
}
