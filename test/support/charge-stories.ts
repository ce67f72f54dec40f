import type { OrderNo } from '../../src/base/ids.js';
import { codeScanned } from './code-scan.js';
import type { Saga } from './saga.js';
import type { ShownCode } from './sandbox-control.js';
import { ended, type Story } from './story.js';

/** Paths of a payer's code that is charged at the till. */
export const chargeStories: Readonly<Record<string, Story>> = {
  charged: async (saga) => ended(saga, await charged(saga)),

  'charged-with-password': async (saga) => {
    const orderNo = await charged(saga, { payer: 'password', afterMs: 600_000 });
    await saga.gateway.pay(orderNo);
    return ended(saga, orderNo);
  },

  'charge-reversed': async (saga) => {
    const orderNo = await charged(saga, { payer: 'silent' });
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    return ended(saga, orderNo);
  },

  'charge-refused-then-next-code': async (saga) => {
    const used = await codeScanned(saga.gateway);
    await saga.createOrder(used);
    const { orderNo } = await saga.createOrder(used);
    await saga.call('POST', `/v1/orders/${orderNo}/attempts`, await codeScanned(saga.gateway));
    return ended(saga, orderNo);
  },
};

async function charged(saga: Saga, shown?: ShownCode): Promise<OrderNo> {
  return (await saga.createOrder(await codeScanned(saga.gateway, shown))).orderNo;
}
