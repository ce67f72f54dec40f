import { afterAll, expect, it } from 'vitest';
import { durableTries } from '../support/history.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { logStatements, transactionsOf, type StatementLog } from '../support/statements.js';
import { until } from '../support/until.js';

let log: StatementLog | undefined;
const shop = useShopEndpoint();
const saga = useSaga({
  endpoint: shop,
  database: async (url) => (log = await logStatements(url)).url,
});
afterAll(() => log?.close());

it('an order that is paid by notify, its shop told, is 20 statements in 12 transactions', async () => {
  const statements = await until(
    'an order that was quick',
    async () => {
      log?.take();
      const { orderNo } = await saga.createOrder();
      await saga.gateway.pay(orderNo);
      await saga.workflow(orderNo).result();
      const said = log?.take() ?? [];
      // The notify is marked when the order was told, which may have ended before.
      await until('the mark of the notify', () => {
        said.push(...(log?.take() ?? []));
        return Promise.resolve(said.some(({ text }) => text.startsWith('update "notify_inbox"')));
      });
      return (await durableTries(saga.workflow(orderNo))).length === 0 && said;
    },
    200_000,
  );
  expect({ statements: statements.length, transactions: transactionsOf(statements) }).toEqual({
    statements: 20,
    transactions: 12,
  });
});
