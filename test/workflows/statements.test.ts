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

it('an order that is paid by notify, its shop told: at most 22 statements in 8 transactions', async () => {
  // The first one opens sessions and prepares statements.
  const statements = await until('an order that was quick', async () => {
    log?.take();
    const { orderNo } = await saga.createOrder();
    const created = log?.take() ?? [];
    await saga.gateway.pay(orderNo);
    await saga.workflow(orderNo).result();
    const paid = log?.take() ?? [];
    if (process.env['SHOW']) console.log([...created, {session:0,text:'--------'}, ...paid].map((s) => `${s.session} ${s.text}`).join('\n'));
    return (await durableTries(saga.workflow(orderNo))).length === 0 && [...created, ...paid];
  });
  expect({ statements: statements.length, transactions: transactionsOf(statements) }).toEqual({ statements: 22, transactions: 8 });
});
