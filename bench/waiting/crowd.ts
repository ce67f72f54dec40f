import { parseMchid, parseOrderNo, firstOutTradeNo } from '../../src/base/ids.js';
import { parseFen } from '../../src/base/money.js';
import { HOUR } from '../../src/base/time.js';
import type { DevFile } from '../../src/cli/kit/dev-file.js';
import { inParallel } from '../../src/cli/kit/progress.js';
import { connect } from '../../src/db/connection.js';
import { createOrderWorkflows } from '../../src/orders/client.js';
import { DEFAULT_POLICY } from '../../src/orders/rules/policy.js';
import { codeLifeMs } from '../../src/orders/rules/product.js';
import { insertOrder } from '../../src/orders/store/order.js';
import { beginPrepay, recordPrepayOpened } from '../../src/orders/store/prepay.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { taskQueues } from '../../workflows/saga/messages.js';
import { known, post, TOTAL_FEN } from '../shop.js';

/** So many begin at once. */
const AT_ONCE = 20;

/** Long after the benchmark, so that none of them is closed meanwhile. */
const EXPIRES_IN_SECONDS = 86_400;

/** Their ages are spread over this, as if they came in evenly: by the rule each is polled every ten minutes on average. */
const AGES_MS = 2 * HOUR;

/** Of the embedded server. */
const NAMESPACE = 'paysaga';

export type Crowd = { grow(to: number): Promise<void>; stop(): Promise<void> };

/**
 * Orders that wait, as a crash of Temporal leaves them: rows as a prepay writes them, trades at WeChat Pay, and workflows that begin from their
 * rows. That costs a third of an order over the API, and what waits afterwards is the same.
 */
export function createCrowd(dev: DevFile): Crowd {
  const connection = connect(dev.databaseUrl, { applicationName: 'paysaga-bench' });
  const temporal = connectTemporal({ connection: { address: dev.temporalAddress }, namespace: NAMESPACE });
  const { db } = connection;
  const installation = { taskQueue: taskQueues().order, language: 'en' } as const;
  const now = () => new Date();
  const workflows = createOrderWorkflows({ client: temporal.client, installation, db, now, waitMs: 60_000 });
  const mchid = known(parseMchid(dev.mchid));
  let waiting = 0;

  const begin = async (index: number): Promise<void> => {
    const orderNo = known(parseOrderNo(`W-${String(index).padStart(7, '0')}`));
    const outTradeNo = firstOutTradeNo(orderNo);
    const amountFen = known(parseFen(TOTAL_FEN));
    const createdAt = new Date(Date.now() - Math.random() * AGES_MS);
    const terms = {
      bodyHash: 'bench',
      description: 'Longjing tea, 50 g',
      attach: null,
      returnUrl: null,
      metadata: null,
    };
    const payer = {
      product: 'native',
      appid: 'wx8888888888888888',
      openid: null,
      clientIp: null,
      h5Type: null,
    } as const;
    const ref = { mchid, orderNo };
    const policy = DEFAULT_POLICY;
    const times = { createdAt, expiresInSeconds: EXPIRES_IN_SECONDS };
    await insertOrder(db, { ...ref, ...terms, ...payer, ...times, amountFen, policy });
    await beginPrepay(db, { mchid, outTradeNo }, '{}', createdAt);
    const codes = { codeUrl: `weixin://wxpay/bizpayurl?pr=${orderNo}`, prepayId: null, h5Url: null };
    const codeExpiresAt = new Date(createdAt.getTime() + codeLifeMs('native'));
    await recordPrepayOpened(db, { ...ref, outTradeNo, codes, codeExpiresAt, now: createdAt });
    await post(`${dev.sandboxUrl}/sandbox/trades`, { outTradeNo, totalFen: amountFen, state: 'NOTPAY' });
    await workflows.resume(ref);
  };

  return {
    async grow(to) {
      const more = Array.from({ length: to - waiting }, (_, at) => waiting + at + 1);
      waiting = to;
      await inParallel(more, begin, AT_ONCE);
    },
    async stop() {
      await Promise.all([temporal.close(), connection.close()]);
    },
  };
}
