import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Part } from '../../src/entries/stack/processes.js';
import type { OrderView } from '../../src/orders/api/order-schema.js';
import { readEvents } from '../http/support/event-reader.js';
import { booksOf } from '../support/books.js';
import { until, type Problem } from '../support/caller.js';
import { newOrderNo, useStack } from '../support/dev-stack.js';

/** The 15 s, 15 s, 30 s and 3 min between a notify's attempts are less than a second each, and then 4.5. */
const TIME_SCALE = 40;
/** The shortest an order may live. */
const SHORT_SECONDS = 60;

type Evidence = { readonly source: string; readonly transactionId: string };

type Delivery = { readonly out_trade_no: string; readonly attempt: number; readonly status: number | null };

describe('a process that is killed', () => {
  const stack = useStack(() => ({ durable: true, timeScale: TIME_SCALE }));
  let sql: postgres.Sql;
  let shortLived: readonly string[];
  beforeAll(async () => {
    sql = postgres(stack.dev.databaseUrl, { max: 1, onnotice: () => undefined });
    shortLived = await Promise.all([0, 1, 2, 3].map(() => openOrder({ expiresInSeconds: SHORT_SECONDS })));
    await stack.control('POST', '/faults', [{ on: 'close', outTradeNo: shortLived[0], kind: 'payBefore' }]);
  });
  afterAll(async () => {
    await sql.end({ timeout: 1 });
  });

  const order = (fields: object = {}) => {
    const orderNo = newOrderNo();
    return { orderNo, amountFen: 1234, description: 'Two cups', product: 'native', ...fields };
  };
  async function openOrder(fields: object = {}): Promise<string> {
    const body = order(fields);
    await stack.api('POST', '/v1/orders', body);
    await stack.orderWhen(body.orderNo, isPayable);
    return body.orderNo;
  }
  const pay = (outTradeNo: string) => stack.control('POST', '/pay', { outTradeNo });
  const deliveries = async (outTradeNo: string) =>
    (await stack.control<Delivery[]>('GET', '/notifies')).filter((row) => row.out_trade_no === outTradeNo);
  const delivered = (outTradeNo: string, status: number | null) =>
    until(async () => {
      const seen = (await deliveries(outTradeNo)).map((row) => row.status);
      return { seen, met: seen.includes(status) };
    });
  /** The notify of this order as it came in, to be sent once more. */
  async function receivedNotify(orderNo: string): Promise<{ body: string; headers: Record<string, string> }> {
    const [row] = await sql<{ raw_body: Uint8Array; headers: Record<string, string> }[]>`
      select raw_body, headers from notify_inbox where order_no = ${orderNo}`;
    if (row === undefined) throw new Error(`no notify of ${orderNo} was kept`);
    return { body: Buffer.from(row.raw_body).toString('utf8'), headers: row.headers };
  }
  async function sendNotify({ body, headers }: { body: string; headers: Record<string, string> }) {
    const url = `${stack.dev.apiUrl}/notify/wechatpay/v3/${stack.dev.mchid}`;
    const response = await fetch(url, { method: 'POST', body, headers });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.text() };
  }
  /** The part is back, even where `work` fails: other tests need it. */
  async function whileDead<T>(parts: readonly Part[], work: () => Promise<T>): Promise<T> {
    await Promise.all(parts.map((part) => part.kill('SIGKILL')));
    try {
      return await work();
    } finally {
      await Promise.all(parts.map((part) => part.restart()));
    }
  }
  /** An order is asked for after a minute anyway: a notify that was lost shows in what its payment is known by. */
  async function expectPaidOnce(orderNo: string, source: 'notify' | 'query' = 'notify'): Promise<void> {
    const paid = await until(async () => {
      const { body } = await stack.api<OrderView & { evidence: Evidence[] }>('GET', `/v1/orders/${orderNo}`);
      return { seen: body, met: body.state === 'paid' && body.evidence.some((it) => it.source === source) };
    });
    expect(paid).toMatchObject({
      paidFen: paid.amountFen,
      attempts: [{ state: 'succeeded', paidFen: paid.amountFen }],
    });
    expect(paid.attempts).toHaveLength(1);
    const transactions = paid.evidence.map(({ transactionId }) => transactionId);
    expect([...new Set(transactions)]).toEqual([paid.attempts[0]?.transactionId]);
  }

  test('the worker: a notify that comes meanwhile is acknowledged and counts once the worker is back', async () => {
    const [paidMeanwhile, left] = [await openOrder(), await openOrder()];
    await whileDead([stack.worker], async () => {
      await pay(paidMeanwhile);
      await delivered(paidMeanwhile, 204);
      expect((await stack.api('GET', `/v1/orders/${paidMeanwhile}`)).body.state).toBe('awaitingPayment');
    });
    await expectPaidOnce(paidMeanwhile);
    expect((await stack.api('GET', `/v1/orders/${left}`)).body.state).toBe('awaitingPayment');
  });

  test('the worker in the middle of a prepay: the order opens all the same, under the same number', async () => {
    const body = order();
    await stack.control('POST', '/faults', [{ on: 'prepay', outTradeNo: body.orderNo, kind: 'slow', ms: 1_500 }]);
    const created = stack.api('POST', '/v1/orders', body);
    await until(async () => {
      const trades = await stack.control<{ out_trade_no: string }[]>('GET', '/trades');
      return { seen: trades, met: trades.some((trade) => trade.out_trade_no === body.orderNo) };
    });
    await whileDead([stack.worker], () => Promise.resolve());
    expect((await created).status).toBeOneOf([201, 202]);
    const open = await stack.orderWhen(body.orderNo, isPayable);
    expect(open.attempts.map(({ outTradeNo }) => outTradeNo)).toEqual([body.orderNo]);
    await pay(body.orderNo);
    await expectPaidOnce(body.orderNo);
  });

  test('the ingress: WeChat Pay repeats the notify that found nobody', async () => {
    const orderNo = await openOrder();
    await whileDead([stack.ingress], async () => {
      await pay(orderNo);
      await delivered(orderNo, null);
    });
    await delivered(orderNo, 204);
    await expectPaidOnce(orderNo);
  });

  test('Temporal: the notify is refused until its order can be told', async () => {
    const orderNo = await openOrder();
    await whileDead([stack.temporal], async () => {
      await pay(orderNo);
      await delivered(orderNo, 503);
      const answer = await sendNotify(await receivedNotify(orderNo));
      expect(answer).toMatchObject({ status: 503, retryAfter: '1' });
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'FAIL' });
    });
    await delivered(orderNo, 204);
    await expectPaidOnce(orderNo);
  });

  test('Postgres: notifies and calls are refused meanwhile, and then pools and streams go on', async () => {
    const [known, orderNo] = [await openOrder(), await openOrder()];
    await pay(known);
    await expectPaidOnce(known);
    const notify = await receivedNotify(known);
    const events = await openStream(orderNo);
    await whileDead([stack.postgres], async () => {
      await pay(orderNo);
      await delivered(orderNo, 503);
      expect(JSON.parse((await sendNotify(notify)).body)).toMatchObject({ code: 'FAIL' });
      const refused = await stack.api<Problem>('GET', `/v1/orders/${orderNo}`);
      expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(refused.headers.get('retry-after')).not.toBeNull();
    });
    await delivered(orderNo, 204);
    await expectPaidOnce(orderNo);
    await events.untilState('paid');
    expect((await sendNotify(notify)).status).toBe(204);
    const next = await openOrder();
    const nextEvents = await openStream(next);
    await pay(next);
    await nextEvents.untilState('paid');
  });

  test('all of them at once, over the deadline: what was paid is paid once, the rest is closed, the books agree', async () => {
    const [closing = '', ...unpaid] = shortLived;
    const [paidBefore, paidMeanwhile, longLived] = [await openOrder(), await openOrder(), await openOrder()];
    const { expiresAt } = (await stack.api('GET', `/v1/orders/${closing}`)).body;
    await stack.control('POST', '/faults', [{ on: 'notify', outTradeNo: paidBefore, kind: 'drop', times: 0 }]);
    await pay(paidBefore);
    await whileDead([stack.ingress, stack.worker, stack.temporal, stack.postgres], async () => {
      await pay(paidMeanwhile);
      await delivered(paidMeanwhile, null);
      await until(() => Promise.resolve({ seen: expiresAt, met: Date.now() > Date.parse(expiresAt) }));
    });
    await Promise.all([paidMeanwhile, closing].map((orderNo) => expectPaidOnce(orderNo)));
    for (const orderNo of unpaid) {
      const closed = await stack.orderWhen(orderNo, ({ state }) => state === 'closed');
      expect(closed).toMatchObject({ closedReason: 'expired', paidFen: 0, attempts: [{ state: 'closed' }] });
    }
    await stack.api('POST', `/v1/orders/${paidBefore}/sync`);
    await expectPaidOnce(paidBefore, 'query');
    expect((await stack.api('GET', `/v1/orders/${longLived}`)).body.state).toBe('awaitingPayment');
    expect(await booksOf(stack)).toEqual({ differenceFen: 0, differing: [] });
  });

  /** Connects again whenever the line is cut, as a browser's EventSource does. */
  async function openStream(orderNo: string) {
    const connect = async () => {
      const headers = { authorization: `Bearer ${stack.dev.apiKey}` };
      const response = await fetch(`${stack.dev.apiUrl}/v1/orders/${orderNo}/stream`, { headers });
      return readEvents(response.body);
    };
    let reader = await connect();
    onTestFinished(() => reader.cancel());
    const next = async (): Promise<OrderView | undefined> => {
      const event = await reader.nextEvent();
      return event === undefined ? undefined : (JSON.parse(event.data) as OrderView);
    };
    expect((await next())?.state).toBe('awaitingPayment');
    return {
      untilState: (state: OrderView['state']) =>
        until(async () => {
          const seen = await next();
          if (seen === undefined) reader = await connect();
          return { seen, met: seen?.state === state };
        }),
    };
  }
});

const isPayable = ({ attempts }: OrderView): boolean => attempts.some(({ state }) => state === 'open');
