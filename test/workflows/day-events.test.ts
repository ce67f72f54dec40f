import { expect, test } from 'vitest';
import { beijingDate, daysAfter } from '../../src/reconciliation/rules/day.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';

const shop = useShopEndpoint();
const saga = useSaga(() => ({ endpoint: shop }));

/** A day for which WeChat Pay has no bill, long enough ago to be believed. */
const date = daysAfter(beijingDate(new Date()), -5);

type Events = {
  readonly items: { id: string; type: string; deliveredAt: string | null; deliveries: { status: number }[] }[];
};

const call = async (method: string, path: string, body?: unknown): Promise<unknown> =>
  (await saga.call(method, path, body, saga.operatorKey)).body;
const run = () => call('POST', '/v1/reconciliations', { date });
const told = async (): Promise<Events['items']> =>
  ((await call('GET', `/v1/reconciliations/${date}/events`)) as Events).items;

test('the shop hears the end of every run; one that it did not take is sent again under its id', async () => {
  await run();
  await expect.poll(told).toMatchObject([{ type: 'reconciliation.completed', deliveries: [{ status: 204 }] }]);
  expect(shop.dayEvents).toMatchObject([{ type: 'reconciliation.completed', mchid: saga.mchid, verified: true }]);
  expect(JSON.parse(shop.dayEvents[0]?.raw ?? '')).toMatchObject({
    data: { reconciliation: { date, state: 'empty', run: 1 } },
  });

  shop.answer(503);
  await run();
  await expect
    .poll(told)
    .toMatchObject([{ deliveredAt: null, deliveries: [{ status: 503 }] }, { deliveries: [{ status: 204 }] }]);

  shop.answer(204);
  const [second] = await told();
  await call('POST', `/v1/events/${second?.id ?? ''}/resend`, { reason: 'the ledger is back' });
  await expect.poll(async () => (await told())[0]?.deliveredAt).not.toBeNull();
  const [last] = shop.dayEvents.slice(-1);
  expect(last).toMatchObject({ id: second?.id, verified: true });
  expect(JSON.parse(last?.raw ?? '')).toMatchObject({ data: { reconciliation: { run: 2 } } });
});
