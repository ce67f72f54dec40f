import { Agent, request } from 'node:http';
import type { Sent } from './requests.js';

export type Answered = {
  readonly status: number;
  readonly type: string;
  readonly requestId: string | undefined;
  /** Of a stream, which has no end: nothing. */
  readonly text: string;
};

/** Sends exactly what it is given, whatever a client library would make of it. */
export function openAsker(url: string) {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const ask = ({ method, target, headers, body }: Sent): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': String(body.byteLength) };
      const options = { agent, hostname, port, method, path: target, headers: { ...headers, ...length } };
      const asked = request(options, (response) => {
        const type = (response.headers['content-type'] ?? '').split(';')[0] ?? '';
        const requestId = response.headers['x-request-id'];
        const head = { status: response.statusCode ?? 0, type, requestId: String(requestId) };
        if (type === 'text/event-stream') {
          resolve({ ...head, text: '' });
          asked.destroy();
          return;
        }
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ ...head, text: Buffer.concat(chunks).toString('utf8') }));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  return { ask, close: () => agent.destroy() };
}
