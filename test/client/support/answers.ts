import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { PaySaga, type Clock, type PaySagaOptions } from '../../../src/client/client.js';

export type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};
export type Say = (response: ServerResponse) => void;

/** A server that answers each request with the next of `says`, the last again and again; and a client whose pauses take no time. */
export async function clientOf(says: readonly Say[], options: Partial<PaySagaOptions> = {}) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const say = says[Math.min(seen.length, says.length - 1)];
    seen.push({ method, url, headers, body: '' });
    const index = seen.length - 1;
    void text(request).then((body) => {
      seen[index] = { method, url, headers, body };
      say?.(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const pauses: number[] = [];
  let ms = 0;
  const clock: Clock = {
    now: () => ms,
    chance: () => 0,
    wait(pauseMs, signal) {
      signal?.throwIfAborted();
      pauses.push(pauseMs);
      ms += pauseMs;
      return Promise.resolve();
    },
  };
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { client: new PaySaga({ baseUrl, apiKey: 'key', clock, ...options }), baseUrl, seen, pauses };
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Say =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const problem = (status: number, code: string, retryAfter?: number): Say =>
  json(
    status,
    { type: `urn:paysaga:error:${code}`, title: 't', status, code, detail: 'because', requestId: 'r-1' },
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );

export const cutOff: Say = (response) => void response.socket?.destroy();
