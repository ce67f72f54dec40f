import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { z } from 'zod';
import { jobOf, sayReady } from '../forked.js';
import { jobSchema } from './job.js';
import { createOrder, markSignalled, openRows, recordNotify } from './rows.js';
import { serveBarely, type Answer } from './server.js';
import { openWechat, type Headers } from './wechat.js';
import type { plain } from './workflows.js';

const job = await jobOf(jobSchema);
const { namespace, taskQueue } = job;
const sql = openRows(job.databaseUrl);
const wechat = await openWechat(job.sandboxUrl);
const { mchid, appid } = wechat;
const client = new Client({ connection: await Connection.connect({ address: job.address }), namespace });
const idOf = (orderNo: string): string => `plain/${orderNo}`;

const orderSchema = z.object({ orderNo: z.string(), amountFen: z.number() });

async function create(body: string): Promise<Answer> {
  const { orderNo, amountFen } = orderSchema.parse(JSON.parse(body));
  const expiresAt = new Date(Date.now() + 7_200_000);
  const prepayBody = wechat.prepayBody(orderNo, amountFen, expiresAt, `${url}/notify`);
  await createOrder(sql, { mchid, orderNo, appid, amountFen, body: prepayBody, expiresAt });
  const start = new WithStartWorkflowOperation<typeof plain>('plain', {
    ...{ workflowId: idOf(orderNo), taskQueue, args: [orderNo], workflowIdConflictPolicy: 'USE_EXISTING' },
  });
  const codeUrl = await client.workflow.executeUpdateWithStart<typeof plain, string, []>('create', {
    startWorkflowOperation: start,
  });
  return { status: 201, body: { orderNo, attempts: [{ codeUrl }] } };
}

async function notified(headers: Headers, raw: string): Promise<Answer> {
  const { id: key, trade } = wechat.open(headers, raw);
  const ref = { mchid, orderNo: trade.out_trade_no };
  await recordNotify(sql, ref, { key, raw, serialNo: String(headers['wechatpay-serial']), trade });
  await client.workflow.getHandle(idOf(ref.orderNo)).signal('paid');
  await markSignalled(sql, ref, key);
  return { status: 200, body: { code: 'SUCCESS' } };
}

const url = await serveBarely((path, headers, body) => (path === '/notify' ? notified(headers, body) : create(body)));
sayReady(url);
