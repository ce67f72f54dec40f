import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLine } from '../../lab/line.js';

const problem = JSON.stringify({ code: 'unavailable', status: 503 });

async function serve(answer: (response: ServerResponse, call: number) => void): Promise<string> {
  let calls = 0;
  const server = createServer((request, response) => {
    request.resume();
    answer(response, (calls += 1));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

describe("a caller's line", () => {
  test.each([
    ['a 500', 500, problem],
    ['a 502', 502, ''],
    ['a 503 without a code', 503, '{"title":"busy"}'],
    ['a 503 that is no JSON', 503, '<html>'],
  ] as const)('keeps %s', async (_, status, body) => {
    const url = await serve((response) => response.writeHead(status).end(body));
    const line = openLine(url);
    const answer = await line.send(`${url}/v1/orders?mchid=1`, { method: 'GET' });
    expect(await answer.text()).toBe(body);
    expect(line.bad).toEqual([{ request: 'GET /v1/orders?mchid=1', status, body }]);
  });

  test('keeps no refusal, no 503 with a code, and nothing that others answer', async () => {
    const statuses = [200, 409, 503];
    const url = await serve((response, call) => response.writeHead(statuses[call - 1] ?? 0).end(problem));
    const other = await serve((response) => response.writeHead(500).end());
    const line = openLine(url);
    for (const status of statuses) expect((await line.send(`${url}/v1/orders`, { method: 'GET' })).status).toBe(status);
    await line.send(`${other}/sandbox/pay`, { method: 'POST' });
    expect(line.bad).toEqual([]);
    expect([...line.answers]).toEqual(statuses.map((status) => [status, 1]));
  });

  test('sends again what loses its answer', async () => {
    const url = await serve((response, call) => {
      if (call === 1) response.destroy();
      else response.writeHead(204).end();
    });
    const answer = await openLine(url).send(`${url}/v1/orders/A-1/close`, { method: 'POST' });
    expect(answer.status).toBe(204);
  });

  test('knows every order whose creation was answered with a 2xx', async () => {
    const bodies = ['A-1', 'A-2', 'A-3'].map((orderNo) => JSON.stringify({ mchid: '19', orderNo }));
    const statuses = [201, 202, 409];
    const url = await serve((response, call) => response.writeHead(statuses[call - 1] ?? 0).end(bodies[call - 1]));
    const line = openLine(url);
    for (const status of statuses) {
      const answer = await line.send(`${url}/v1/orders?mchid=19`, { method: 'POST', body: '{}' });
      expect(answer.status).toBe(status);
    }
    expect([...line.taken]).toEqual(['19/A-1', '19/A-2']);
  });

  test('is over once it is said to be', async () => {
    const send = openLine('http://127.0.0.1:1').sendUntil(AbortSignal.abort());
    await expect(send('http://127.0.0.1:1/v1/orders', { method: 'GET' })).rejects.toThrow('the story is over');
  });
});
