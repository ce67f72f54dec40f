import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './client.js';

export interface Received {
  at: number;
  path: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  text: string;
  json: Json & { id: string; resource: Json };
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Resolves when so many have come in all. */
  atLeast(count: number): Promise<Received[]>;
  /** How the following are answered; default 204. `hold` never answers. */
  answer: number | 'hold' | ((count: number) => number);
  /** What every answer says; default nothing. */
  answerBody: string;
  /** Each answer waits this long. */
  thinkMs: number;
  /** The most requests that were waiting for their answer at one time. */
  mostAtOnce: number;
  close(): Promise<void>;
}

/** A merchant's notify endpoint on a real socket. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let pending = 0;
  const waiting: { count: number; wake: () => void }[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      received.push({
        at: Date.now(),
        path: incoming.url ?? '',
        headers: incoming.headers,
        rawHeaders: incoming.rawHeaders,
        text,
        json: (text.startsWith('{') ? JSON.parse(text) : {}) as Received['json'],
      });
      pending += 1;
      receiver.mostAtOnce = Math.max(receiver.mostAtOnce, pending);
      setTimeout(() => {
        pending -= 1;
        respond(receiver, outgoing);
      }, receiver.thinkMs);
      for (const { count, wake } of waiting) if (received.length >= count) wake();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`,
    received,
    answer: 204,
    answerBody: '',
    thinkMs: 0,
    mostAtOnce: 0,
    async atLeast(count) {
      if (received.length < count) await new Promise<void>((wake) => waiting.push({ count, wake }));
      return received;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}

function respond(receiver: Receiver, outgoing: ServerResponse): void {
  const { answer, answerBody, received } = receiver;
  if (answer === 'hold') return;
  const status = typeof answer === 'number' ? answer : answer(received.length);
  outgoing.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {}).end(answerBody);
}
