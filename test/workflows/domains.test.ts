import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createOutward, type DomainCall } from '../../src/channels/outward/outward.js';
import { deadPort } from '../channels/support/dead-ends.js';
import { costOf, durableTries } from '../support/history.js';
import { refunding } from '../support/refunds.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const told: DomainCall[] = [];
const outward = createOutward();
outward.onCall((call) => told.push(call));

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop, outward, changeMerchants: firstDomainDead });

/** As if WeChat Pay's first domain were away. */
async function firstDomainDead(file: string): Promise<void> {
  const { merchants } = JSON.parse(await readFile(file, 'utf8')) as { merchants: { gatewayUrl: string }[] };
  const dead = await deadPort();
  const moved = merchants.map(({ gatewayUrl, ...merchant }) => ({ ...merchant, gatewayUrls: [dead, gatewayUrl] }));
  await writeFile(file, JSON.stringify({ merchants: moved }));
}

it('an order is placed, paid and refunded while the first domain is dead, and costs what it always does', async () => {
  const cost = await until('an order that was quick', async () => {
    const { orderNo, body } = await saga.createOrder();
    expect(body).toMatchObject({ state: 'awaitingPayment' });
    const handle = saga.workflow(orderNo);
    await saga.gateway.pay(orderNo);
    await handle.result();
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid' });
    expect(shop.of(orderNo)).toMatchObject([{ type: 'order.paid', verified: true }]);
    return (await durableTries(handle)).length === 0 && costOf(handle);
  });
  expect(cost).toEqual({ events: 18, transitions: 6, actions: 7 });

  const refunds = refunding(saga);
  const orderNo = await refunds.paid();
  const refundNo = await refunds.ask(orderNo, 700);
  expect(await refunds.ended(refundNo, 'succeeded')).toMatchObject({ amountFen: 700 });

  const at = (outcome: DomainCall['outcome']) => told.filter((call) => call.outcome === outcome);
  expect(new Set(at('answered').map(({ host }) => host))).toEqual(new Set([new URL(saga.sandbox.url).host]));
  expect(at('unreachable').length).toBeGreaterThan(0);
  expect(at('unreachable').map(({ host }) => host)).not.toContain(new URL(saga.sandbox.url).host);
});
