import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Signer } from '../identity/merchants.js';
import { signatureHeaders, type Forgery } from '../identity/sign.js';
import type { Answer } from './answer.js';

export interface Sending {
  answer: Answer;
  /** The key for a signed answer. */
  signer: Signer | undefined;
  forgery: Forgery | undefined;
  /** Real time, ms since the epoch. */
  nowMs: number;
  /** WeChat Pay leaves it out of some 401 answers. */
  withRequestId: boolean;
}

/**
 * Writes the answer on node's own response: a fetch `Headers` lower-cases names, and clients exist that look for
 * `Wechatpay-Timestamp` in exactly this case.
 */
export async function send(outgoing: ServerResponse, sending: Sending): Promise<void> {
  const { answer, signer } = sending;
  const body = answer.raw?.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  const contentType = answer.raw?.contentType ?? 'application/json; charset=utf-8';
  const signature = answer.signed && signer ? await signatureHeaders(signer, body, sending.nowMs, sending.forgery) : [];
  const headers: [string, string][] = [
    ...(body === '' ? [] : ([['Content-Type', contentType]] satisfies [string, string][])),
    ...(answer.status === 204
      ? []
      : ([['Content-Length', String(Buffer.byteLength(body))]] satisfies [string, string][])),
    ['Cache-Control', 'no-cache, must-revalidate'],
    ['X-Content-Type-Options', 'nosniff'],
    ...(answer.retryAfter === undefined ? [] : ([['Retry-After', answer.retryAfter]] satisfies [string, string][])),
    ...(sending.withRequestId ? ([['Request-ID', requestId(answer.internalCode)]] satisfies [string, string][]) : []),
    ...signature,
  ];
  if (outgoing.destroyed) return;
  outgoing.writeHead(answer.status, headers.flat());
  outgoing.end(body);
}

/** Never answers: returns when the client has given up or the sandbox stops. */
export async function holdOpen(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return;
  await new Promise((resolve) => outgoing.once('close', resolve));
}

function requestId(internalCode: number): string {
  return `08${randomBytes(19).toString('hex').toUpperCase()}-${internalCode}`;
}
