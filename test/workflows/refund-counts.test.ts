import { beforeAll, describe, expect, it } from 'vitest';
import { costOf, durableTries } from '../support/history.js';
import { refunding } from '../support/refunds.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

// As for orders: a machine that is busy may not do a local try within its 2 s, and such a refund is not the one to count.
const saga = useSaga();
const refunds = refunding(saga);
beforeAll(async () => {
  await saga.gateway.refundDelay(24 * 3_600_000);
});

describe('what a refund costs', () => {
  it('taken at once and told by its notify: 27 events, 14 state transitions, 8 actions', async () => {
    const cost = await until('a refund that was quick', async () => {
      const refundNo = await refunds.ask(await refunds.paid(), 500);
      await refunds.when(refundNo, ({ state }) => state === 'processing');
      await saga.gateway.settle(refundNo, 'SUCCESS');
      await refunds.ended(refundNo, 'succeeded');
      const handle = saga.refundWorkflow(refundNo);
      const tries = await durableTries(handle);
      return tries.join() === 'applyRefund,queryRefund' && costOf(handle);
    });
    expect(cost).toEqual({ events: 27, transitions: 14, actions: 8 });
  });
});
