import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import postgres from 'postgres';
import { z } from 'zod';
import { evidenceSignal } from '../../workflows/orders/messages.js';

// The least that acknowledges a notify for good: one committed row and one signal, by the same driver and client. Not even verified.

const { port, databaseUrl, temporalAddress, namespace } = z
  .object({ port: z.number(), databaseUrl: z.string(), temporalAddress: z.string(), namespace: z.string() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const sql = postgres(databaseUrl, { max: 10, onnotice: () => undefined });
await sql`create table if not exists bench_notifies (id text primary key, body bytea not null, at timestamptz not null)`;
const client = new Client({ connection: await Connection.connect({ address: temporalAddress }), namespace });

const envelope = z.object({ id: z.string() });

async function take(request: IncomingMessage): Promise<void> {
  const body = await buffer(request);
  const { id } = envelope.parse(JSON.parse(body.toString()));
  const [, mchid = '', outTradeNo = ''] = (request.url ?? '').split('/');
  await sql`insert into bench_notifies values (${id}, ${body}, now())`;
  const evidence = { source: 'notify', outTradeNo, transactionId: id, mchid } as const;
  const trade = { appid: 'wx0000000000000001', tradeType: 'NATIVE', totalFen: 1_200, currency: 'CNY' };
  await client.workflow
    .getHandle(`order/${mchid}/${outTradeNo}`)
    .signal<[object]>(evidenceSignal.name, { ...evidence, ...trade });
}

const server = createServer((request, response) => {
  take(request).then(
    () => response.writeHead(204).end(),
    (error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
server.listen(port, '127.0.0.1');
await once(server, 'listening');
console.log('floor listening');
