import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { revokeApiKey } from '../../../src/access/store/api-key.js';
import { withTransaction } from '../../../src/db/connection.js';
import { served } from '../../../src/entries/served.js';
import type { IngressDeps } from '../../../src/http/kit/route.js';
import { startIngress, type Ingress } from '../../../src/http/start.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { recordDelivery } from '../../../src/shop-events/store/delivery.js';
import { closed, LATER, paid } from '../../db/fixtures.js';
import { readEvents, type EventReader, type StreamEvent } from '../../http/support/event-reader.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

type Logged = { id: string; type: string; orderNo: string; status: string; body: string };
type Page = { items: Logged[]; nextCursor: string | null };

/** After what the tests before have written. */
let begin = 'start';
beforeEach(async () => {
  let page: Page;
  do {
    page = await list(`after=${begin}`);
    begin = page.items.at(-1)?.id ?? begin;
  } while (page.items.length > 0);
});

const list = async (query = '', key = test.merchantKey): Promise<Page> =>
  json<Page>(await test.send('GET', `/v1/events?${query}`, { key }));
function only({ items }: Page): Logged {
  const [item] = items;
  if (item === undefined || items.length > 1) throw new Error('one event');
  return item;
}
const refusalOf = async (query: string, key?: string | null) => {
  const answer = await test.send('GET', `/v1/events${query}`, key === undefined ? {} : { key });
  return [answer.status, await problemCode(answer)];
};

async function placeClosedOrder(): Promise<string> {
  const number = await test.placeOrder();
  await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
  return number;
}

describe('GET /v1/events', () => {
  it('answers each event with its state and the body of its deliveries, in the order in which they were written', async () => {
    const [one, two] = [await test.placePaidOrder(), await placeClosedOrder()];

    const { items, nextCursor } = await list(`after=${begin}`);

    expect(items[0]).toEqual({
      id: textWith(/^[0-9a-f-]{36}$/),
      type: 'order.paid',
      createdAt: '2026-03-01T10:00:00.000Z',
      orderNo: one,
      status: 'pending',
      tries: 0,
      deliveredAt: null,
      nextAt: null,
      body: textWith(/^\{"type":"order.paid","timestamp":"2026-03-01T10:00:00.000Z","data":\{"order":\{"orderNo":/),
    });
    const [row] = await test.connection.sql`select body from merchant_events where id = ${items[0]?.id ?? ''}`;
    expect(items[0]?.body).toBe(row?.['body']);
    expect(items[1]).toMatchObject({ type: 'order.closed', orderNo: two });
    expect([items.length, nextCursor]).toEqual([2, null]);
  });

  it('shows nothing that lets anybody pay, nor who asked for what', async () => {
    await test.placePaidOrder();
    const { items } = await list(`after=${begin}`);
    for (const secret of ['weixin://', 'checkoutUrl', 'prepayId', 'invoke', 'resent']) {
      expect(JSON.stringify(items)).not.toContain(secret);
    }
  });

  it('answers how an event was delivered', async () => {
    await test.placePaidOrder();
    const { id } = only(await list(`after=${begin}`));
    const delivery = { eventId: id, at: LATER, status: 204, outcome: 'delivered', durationMs: 7 };
    await recordDelivery(test.connection.db, { ...delivery, then: { kind: 'delivered' } });

    const { items } = await list(`after=${begin}`);

    expect(items).toMatchObject([{ id, status: 'delivered', tries: 1, deliveredAt: LATER.toISOString() }]);
  });

  it('goes on page by page, and from any event', async () => {
    const numbers = [await test.placePaidOrder(), await test.placePaidOrder(), await test.placePaidOrder()];
    const first = await list(`after=${begin}&limit=2`);
    expect(first.items.map(({ orderNo }) => orderNo)).toEqual(numbers.slice(0, 2));
    const second = await list(`cursor=${first.nextCursor ?? ''}&limit=2`);
    expect([second.items.map(({ orderNo }) => orderNo), second.nextCursor]).toEqual([numbers.slice(2), null]);
    expect((await list(`after=${first.items[0]?.id ?? ''}`)).items).toHaveLength(2);
  });

  it('answers one type, or one order', async () => {
    const [one, two] = [await test.placePaidOrder(), await placeClosedOrder()];
    expect((await list(`after=${begin}&type=order.closed`)).items).toMatchObject([{ orderNo: two }]);
    expect((await list(`orderNo=${one}`)).items).toMatchObject([{ type: 'order.paid' }]);
  });

  it('is a merchant’s own; an operator names whose', async () => {
    const number = await test.placePaidOrder();
    const { key: other } = await test.newKey('merchant', [OTHER_MCHID]);
    expect(await list('', other)).toEqual({ items: [], nextCursor: null });
    const { key: both } = await test.newKey('operator', [MCHID, OTHER_MCHID], 'Lin Tao');
    expect((await list(`mchid=${MCHID}&orderNo=${number}`, both)).items).toHaveLength(1);
    expect(await refusalOf(`?mchid=${MCHID}`, other)).toEqual([403, 'forbidden']);
    expect(await refusalOf('', null)).toEqual([401, 'unauthorized']);
    const { id } = only(await list(`orderNo=${number}`));
    expect(await refusalOf(`?after=${id}`, other)).toEqual([404, 'event_not_found']);
    expect(await refusalOf(`?cursor=${id}`, other)).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['?type=order.lost', 400, 'invalid_request'],
    ['?limit=201', 400, 'invalid_request'],
    ['?sort=type', 400, 'invalid_request'],
    ['?cursor=nonsense', 400, 'invalid_request'],
    ['?after=00000000-0000-4000-8000-000000000000', 404, 'event_not_found'],
    ['?after=%00', 404, 'event_not_found'],
  ])('refuses %s', async (query, ...refusal) => {
    expect(await refusalOf(query)).toEqual(refusal);
  });
});

describe('the stream of what the shop is told', () => {
  const running: Ingress[] = [];
  const readers: EventReader[] = [];
  let ingress: Ingress;
  const start = async (change: Partial<IngressDeps> = {}): Promise<Ingress> => {
    const started = await startIngress(test.deps(change), served, { port: 0, host: '127.0.0.1' });
    running.push(started);
    return started;
  };
  beforeEach(async () => {
    ingress = await start();
  });
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.cancel()));
    await Promise.all(running.splice(0).map((one) => one.close(0)));
  });

  async function follow({
    query = '',
    headers = {},
    at = ingress,
  }: { query?: string; headers?: Record<string, string>; at?: Ingress } = {}): Promise<EventReader> {
    const auth = { Authorization: `Bearer ${test.merchantKey}` };
    const answer = await fetch(`${at.url}/v1/events/stream${query}`, { headers: { ...auth, ...headers } });
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
    const reader = readEvents(answer.body);
    readers.push(reader);
    return reader;
  }
  /** Past what says where it begins. */
  async function told(reader: EventReader): Promise<StreamEvent | undefined> {
    const event = await reader.nextEvent();
    return event?.data === '' ? reader.nextEvent() : event;
  }
  const of = (event: StreamEvent | undefined): Logged => JSON.parse(event?.data ?? '') as Logged;

  it('says first after which event it begins, then tells each event as the list does', async () => {
    await test.placePaidOrder();
    const last = (await list(`after=${begin}`)).items.at(-1)?.id;
    const reader = await follow();
    expect(await reader.nextEvent()).toEqual({ event: '', id: last, data: '' });

    const number = await test.placePaidOrder();

    const event = await reader.nextEvent();
    expect(event).toMatchObject({ event: 'event', id: of(event).id });
    expect([of(event)]).toEqual((await list(`orderNo=${number}`)).items);
  });

  it('goes on after the Last-Event-ID, with none left out and none twice', async () => {
    const numbers: string[] = [];
    for (let n = 0; n < 60; n += 1) numbers.push(await test.placePaidOrder());
    const first = await follow({ headers: { 'Last-Event-ID': begin } });
    const [one, two] = [await told(first), await told(first)];
    await first.cancel();

    const second = await follow({ headers: { 'Last-Event-ID': two?.id ?? '' } });

    const rest: string[] = [];
    while (rest.length < 58) rest.push(of(await told(second)).orderNo);
    expect([of(one).orderNo, of(two).orderNo, ...rest]).toEqual(numbers);
  });

  it('tells what was written first, though it was committed later', async () => {
    const reader = await follow({ query: `?after=${begin}` });
    const [slow, quick] = [await test.placeOrder(), await test.placeOrder()];
    const [slowOrder, quickOrder] = [await test.load(slow), await test.load(quick)];
    await withTransaction(test.connection.db, async (tx) => {
      await projectOrder(tx, paid(slowOrder), test.clock.now);
      await projectOrder(test.connection.db, paid(quickOrder), test.clock.now);
    });
    const heard = [of(await told(reader)), of(await told(reader))];
    expect(heard.map(({ orderNo }) => orderNo)).toEqual([slow, quick]);
  });

  it('tells one type or one order, and never what another merchant is told', async () => {
    const [ofType, ofOrder] = [
      await follow({ query: `?type=order.closed&after=${begin}` }),
      await follow({ query: `?orderNo=A-NONE01&after=start` }),
    ];
    await test.placePaidOrder();
    const number = await placeClosedOrder();
    expect(of(await told(ofType))).toMatchObject({ orderNo: number, type: 'order.closed' });
    expect(await ofOrder.next()).toBe(': connected');
  });

  it('sends a comment while nothing happens, and ends when its key is revoked', async () => {
    const { key, record } = await test.newKey('merchant', [MCHID]);
    const quick = await start({ streamHeartbeatMs: 20 });
    const reader = await follow({ at: quick, headers: { Authorization: `Bearer ${key}` } });
    await reader.nextEvent();
    expect([await reader.next(), await reader.next()]).toEqual([': heartbeat', ': heartbeat']);
    await revokeApiKey(test.connection.db, record.id, test.clock.now);
    expect(await reader.nextEvent()).toBeUndefined();
  });

  it('begins at nothing where there is nothing', async () => {
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const reader = await follow({ headers: { Authorization: `Bearer ${key}` } });
    expect(await reader.nextEvent()).toMatchObject({ id: 'start' });
  });

  it.each([
    ['nobody', 401, null, {}],
    ['an event that is not there', 404, undefined, { 'Last-Event-ID': 'x' }],
  ])('is not for %s', async (_, status, key, headers) => {
    const options = { headers, ...(key === undefined ? {} : { key }) };
    expect((await test.send('GET', '/v1/events/stream', options)).status).toBe(status);
  });

  it('answers HEAD without opening a stream', async () => {
    const answer = await test.send('HEAD', '/v1/events/stream');
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
  });
});
