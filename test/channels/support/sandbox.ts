import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startTestSandbox } from '../../support/sandbox.js';
import { gatewayOf } from './gateway.js';
import type { Gateway, NotifyReader, RawNotify } from '../../../src/channels/port.js';
import { merchantOf, type Credentials, type KeyMode, type V3Merchant } from './merchant.js';

export type SandboxUnderTest = {
  readonly credentials: Credentials;
  /** A gateway of its own, with fresh gates and keys. */
  gateway(mode: KeyMode): Gateway & NotifyReader;
  gatewayWith(merchant: V3Merchant, now?: () => Date): Gateway & NotifyReader;
  merchant(mode: KeyMode): V3Merchant;
  /** Where notifies arrive, whatever their path. */
  readonly notifiedAt: string;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Pays and waits for the notify as it came over the wire; it is answered 200. */
  payAndReceive(outTradeNo: string): Promise<RawNotify>;
  /** Ends a refund and waits for its notify in the same way. */
  settleAndReceive(outRefundNo: string, status: 'SUCCESS' | 'ABNORMAL' | 'CLOSED'): Promise<RawNotify>;
  close(): Promise<void>;
};

/** Of API v2, where the body decides. */
const ACCEPTED = '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>';

/** The simulator over HTTP and, beside it, the address where its notifies arrive. */
export async function sandboxUnderTest(): Promise<SandboxUnderTest> {
  const sandbox = await startTestSandbox({ timeScale: 1 });
  const received: ((notify: RawNotify) => void)[] = [];
  const notifyServer = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(200).end(ACCEPTED);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      received.shift()?.({ body: Buffer.concat(chunks), headers });
    });
  }).listen(0, '127.0.0.1');
  await once(notifyServer, 'listening');
  const { port } = notifyServer.address() as AddressInfo;
  const notifiedAt = `http://127.0.0.1:${port}`;

  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${sandbox.url}/sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  const credentials = (await control('GET', '/merchant')) as Credentials;
  const merchant = (mode: KeyMode): V3Merchant => merchantOf(credentials, sandbox.url, mode);
  const gatewayWith = (configured: V3Merchant, now = () => new Date()): Gateway & NotifyReader =>
    gatewayOf(configured, {
      now,
      notifyUrl: () => `${notifiedAt}/notify/wechatpay/v3/${credentials.mchid}`,
      workers: 1,
    });

  const receiveAfter = async (path: string, body: unknown): Promise<RawNotify> => {
    const notify = new Promise<RawNotify>((resolve) => received.push(resolve));
    await control('POST', path, body);
    return notify;
  };

  return {
    credentials,
    notifiedAt,
    merchant,
    gateway: (mode) => gatewayWith(merchant(mode)),
    gatewayWith,
    control,
    payAndReceive: (outTradeNo) => receiveAfter('/pay', { outTradeNo }),
    settleAndReceive: (outRefundNo, status) =>
      receiveAfter(`/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status }),
    close: async () => {
      notifyServer.close();
      notifyServer.closeAllConnections();
      await sandbox.close();
    },
  };
}
