import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { z } from 'zod';
import { jobOf, sayReady } from '../orders/forked.js';
import { openRows } from '../orders/plain/rows.js';
import { serveBarely, type Answer } from '../orders/plain/server.js';
import { eventOf, openWechat, tell, type Headers } from '../orders/plain/wechat.js';

/**
 * The happy order as a DBOS user would write it first: one process, one table, a workflow of four steps around a wait for a message. It
 * has none of PaySaga's inbox, evidence, timeline, limits, deadlines or operators.
 */
const { databaseUrl, sandboxUrl, webhookUrl } = await jobOf(
  z.object({ databaseUrl: z.string(), sandboxUrl: z.string(), webhookUrl: z.string() }),
);
const sql = openRows(databaseUrl);
const wechat = await openWechat(sandboxUrl);
await sql`create table shop_orders (order_no text primary key, amount_fen bigint not null, prepay_body text not null,
  code_url text, state text not null, transaction_id text, paid_at timestamptz)`;

const PAID = 'paid';
const CODE = 'code';
const TWO_HOURS_S = 7_200;
const ANSWER_S = 8;

const pay = DBOS.registerWorkflow(
  async (orderNo: string, prepayBody: string): Promise<void> => {
    const codeUrl = await DBOS.runStep(() => prepay(orderNo, prepayBody), { name: 'prepay' });
    await DBOS.setEvent(CODE, codeUrl);
    if ((await DBOS.recv<string>(PAID, TWO_HOURS_S)) === null) return;
    const trade = await DBOS.runStep(() => wechat.query(orderNo), { name: 'query' });
    await DBOS.runStep(() => markPaid(orderNo, trade.transaction_id, trade.success_time), { name: 'markPaid' });
    await DBOS.runStep(() => tell(webhookUrl, randomUUID(), eventOf(orderNo, trade)), { name: 'tell' });
  },
  { name: 'pay' },
);

async function prepay(orderNo: string, prepayBody: string): Promise<string> {
  const codeUrl = await wechat.prepay(prepayBody);
  await sql`update shop_orders set state = 'awaitingPayment', code_url = ${codeUrl} where order_no = ${orderNo}`;
  return codeUrl;
}

async function markPaid(orderNo: string, transactionId: string, paidAt: string): Promise<void> {
  await sql`update shop_orders set state = 'paid', transaction_id = ${transactionId}, paid_at = ${paidAt}
    where order_no = ${orderNo}`;
}

const orderSchema = z.object({ orderNo: z.string(), amountFen: z.number() });

async function create(body: string): Promise<Answer> {
  const { orderNo, amountFen } = orderSchema.parse(JSON.parse(body));
  const prepayBody = wechat.prepayBody(orderNo, amountFen, new Date(Date.now() + 7_200_000), `${url}/notify`);
  await sql`insert into shop_orders (order_no, amount_fen, prepay_body, state)
    values (${orderNo}, ${amountFen}, ${prepayBody}, 'creating')`;
  await DBOS.startWorkflow(pay, { workflowID: orderNo })(orderNo, prepayBody);
  const codeUrl = await DBOS.getEvent<string>(orderNo, CODE, ANSWER_S);
  return { status: 201, body: { orderNo, attempts: [{ codeUrl }] } };
}

async function notified(headers: Headers, raw: string): Promise<Answer> {
  const { id, trade } = wechat.open(headers, raw);
  await DBOS.send(trade.out_trade_no, trade.transaction_id, PAID, id);
  return { status: 200, body: { code: 'SUCCESS' } };
}

DBOS.setConfig({ name: 'shop', systemDatabaseUrl: databaseUrl, logLevel: 'error' });
await DBOS.launch();
const url = await serveBarely((path, headers, body) => (path === '/notify' ? notified(headers, body) : create(body)));
sayReady(url);
