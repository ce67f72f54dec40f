import { beforeEach, expect, it } from 'vitest';
import { finishBulk, finishBulkOrder, openBulkOrders } from '../../src/bulk/store/bulk.js';
import { MCHID, NOW, OTHER_MCHID, textWith, useTestApp } from '../http/support/test-app.js';
import { sendForm, signedIn, type Operator } from './support/operator.js';

const test = useTestApp();

let operator: Operator;
beforeEach(async () => {
  operator = await signedIn(test, (await test.operatorKey()).key);
});

const fields = (orderNos: readonly string[], change: Record<string, string> = {}) => ({
  ...{ mchid: MCHID, action: 'recheck', reason: 'the gateway was away', orderNos: orderNos.join('\n') },
  ...change,
});

const nonceOf = (html: string) => /name="nonce" value="([^"]+)"/.exec(html)?.[1] ?? '';
const bulks = () => test.connection.sql`select id, reason, actor, action from bulks order by created_at`;

async function previewed(orderNos: readonly string[]): Promise<string> {
  return (await operator.post('/ops/bulk?lang=en', fields(orderNos))).text();
}

it('the form is filled in by its link', async () => {
  const query = new URLSearchParams({ mchid: MCHID, action: 'hold', stuckReason: 'review', orderNos: '<b>' });
  const html = await (await operator.get(`/ops/bulk?${query.toString()}`)).text();
  expect(html).toMatch(/<option value="hold" selected/);
  expect(html).toMatch(/<option value="review" selected/);
  expect(html).toContain('&lt;b&gt;</textarea>');
});

it('a dry run tells how many and how much, shows some, and does nothing', async () => {
  const numbers = [await test.placeOrder(), await test.placeOrder()];
  const html = await previewed([...numbers, 'A-999999']);
  expect(html).toContain('data-count="2"');
  expect(html).toContain('¥24.00');
  expect(html).toContain('You named 3 numbers, 2 orders were found');
  for (const number of numbers) expect(html).toContain(`/ops/orders/${MCHID}/${number}`);
  expect(test.bulks.calls).toEqual([]);
  expect(await bulks()).toEqual([]);
});

it('a dry run that finds nothing warns and offers nothing', async () => {
  const html = await previewed(['A-999998']);
  expect(html).toContain('id="nothing-found"');
  expect(html).not.toContain('id="run"');
});

it('what is wrong shows at its field, and what was typed stays', async () => {
  const answer = await operator.post('/ops/bulk', { ...fields(['A-1']), reason: '', action: 'extend' });
  const html = await answer.text();
  expect(answer.status).toBe(400);
  expect([...html.matchAll(/data-error="([^"]+)"/g)].map(([, error]) => error)).toEqual([
    'until_required',
    'reason_required',
  ]);
  expect(html).toMatch(/<option value="extend" selected/);
});

it('once confirmed it is started, once however often it is sent, and leads to its progress', async () => {
  const number = await test.placeOrder();
  const confirmed = { ...fields([number]), nonce: nonceOf(await previewed([number])), confirm: 'yes' };
  const unconfirmed = await operator.post('/ops/bulk/run', { ...confirmed, confirm: '' });
  expect([unconfirmed.status, (await bulks()).length]).toEqual([400, 0]);
  expect(await unconfirmed.text()).toContain('data-error="confirm_required"');
  const first = await operator.post('/ops/bulk/run', confirmed);
  const second = await operator.post('/ops/bulk/run', confirmed);
  expect([first.status, second.status]).toEqual([303, 303]);
  const [row, ...others] = await bulks();
  expect(others).toEqual([]);
  expect(row).toMatchObject({ action: 'recheck', reason: 'the gateway was away', actor: textWith(/^Li Lei \(/) });
  expect(test.bulks.callsOf('start')).toEqual([row?.['id']]);
  for (const answer of [first, second])
    expect(answer.headers.get('location')).toBe(`/ops/bulk/${MCHID}/${String(row?.['id'])}`);
});

it('its page counts, says why orders failed, and looks again until it is finished', async () => {
  const number = await test.placeOrder();
  const nonce = nonceOf(await previewed([number, 'A-999997']));
  const started = await operator.post('/ops/bulk/run', { ...fields([number, 'A-999997']), nonce, confirm: 'yes' });
  const path = started.headers.get('location') ?? '';
  const running = await operator.get(`${path}?lang=en`);
  expect(running.headers.get('refresh')).toBe('2');
  expect(await running.text()).toContain('data-finished="false"');
  const [id = ''] = path.split('/').slice(-1);
  const { db } = test.connection;
  for (const order of await openBulkOrders(db, id, 10))
    await finishBulkOrder(db, order, order.orderNo === number ? 'done' : 'order_not_found', NOW);
  await finishBulk(db, id, NOW);
  const finished = await operator.get(`${path}?lang=en`);
  expect(finished.headers.get('refresh')).toBeNull();
  const html = await finished.text();
  expect(html).toContain('data-finished="true"');
  expect(html).toMatch(/<progress[^>]*max="2"[^>]*value="2"/);
  expect(html).toMatch(/data-code="order_not_found"[^]*A-999997[^]*There is no order it belongs to/);
  expect(await (await operator.get('/ops/bulk?lang=en')).text()).toContain(`href="${path}"`);
});

it('is not started by another page, without a session, or for another merchant, and shown to nobody else', async () => {
  const number = await test.placeOrder();
  const confirmed = { ...fields([number]), nonce: 'n', confirm: 'yes' };
  const before = (await bulks()).length;
  const forged = await operator.post('/ops/bulk/run', { ...confirmed, csrf: 'x' });
  const nobody = await sendForm(operator.app, '/ops/bulk/run', confirmed);
  const foreign = await operator.post('/ops/bulk/run', { ...confirmed, mchid: OTHER_MCHID });
  expect([forged.status, nobody.status, foreign.status]).toEqual([403, 401, 400]);
  expect((await bulks()).length).toBe(before);
  const id = '00000000-0000-4000-8000-000000000000';
  expect((await operator.get(`/ops/bulk/${OTHER_MCHID}/${id}`)).status).toBe(403);
  expect((await operator.get(`/ops/bulk/${MCHID}/${id}`)).status).toBe(404);
});
