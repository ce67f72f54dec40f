import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';
import { z } from 'zod';
import { markTold, openAttempt, payOrder } from './rows.js';
import { eventOf, tell, type Wechat } from './wechat.js';

type Deps = { readonly sql: Sql; readonly wechat: Wechat; readonly webhookUrl: string };

const attempts = z.tuple([z.object({ prepay_body: z.string() })]);

export const plainActivities = ({ sql, wechat, webhookUrl }: Deps) => ({
  async prepay(orderNo: string): Promise<string> {
    const ref = { mchid: wechat.mchid, orderNo };
    const found = await sql`select prepay_body from attempts where mchid = ${ref.mchid} and out_trade_no = ${orderNo}`;
    const codeUrl = await wechat.prepay(attempts.parse([...found])[0].prepay_body);
    await openAttempt(sql, ref, codeUrl);
    return codeUrl;
  },
  async confirm(orderNo: string): Promise<void> {
    const trade = await wechat.query(orderNo);
    if (trade.trade_state !== 'SUCCESS') throw new Error(`${orderNo} is not paid`);
    const event = { id: randomUUID(), body: eventOf(orderNo, trade) };
    await payOrder(sql, { mchid: wechat.mchid, orderNo }, trade, event);
    await markTold(sql, event.id, await tell(webhookUrl, event.id, event.body));
  },
});
