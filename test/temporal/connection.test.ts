import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { connectTemporal } from '../../src/temporal/connection.js';

test('a call that waits to be tried again ends with its connection', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const temporal = connectTemporal({
    connection: { address: `127.0.0.1:${String(port)}` },
    namespace: 'shop',
  });
  const called = temporal.client.workflowService.getSystemInfo({});
  await once(server, 'connection');

  await temporal.close();

  await expect(called).rejects.toMatchObject({ code: 1, details: 'Channel has been shut down' });
  server.close();
});
