import { Agent, request } from 'node:http';
import type { SealedNotify } from './wechatpay.js';

/** WeChat Pay keeps its connections, and so does a proxy before the ingress. */
const agent = new Agent({ keepAlive: true });

/** Resolves with the milliseconds until the answer; throws unless that is 204. */
export function send(url: string, { body, headers }: SealedNotify): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } });
    sent.once('error', reject);
    sent.once('response', (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 204) resolve(performance.now() - startedAt);
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    sent.end(body);
  });
}
