import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Merchant } from '../../../src/channels/merchant.js';
import { createOutward } from '../../../src/channels/outward/outward.js';
import type { OutboundProxy } from '../../../src/channels/outward/proxy.js';
import { createChecker, type CheckResult } from '../../../src/doctor/check.js';
import { checkGateway } from '../../../src/doctor/gateway/gateway.js';

export type Shown = Pick<CheckResult, 'status' | 'seen' | 'cure'>;

type Examined = {
  /** By how much the clock of this machine is off. */
  readonly offMs?: number;
  readonly outboundProxy?: OutboundProxy;
  /** Whom the doctor trusts, in the place of the well-known authorities. */
  readonly ca?: readonly string[] | undefined;
  readonly secrets: readonly string[];
};

/** Every check of the merchant's gateway by its name; none of them tells a secret. */
export async function examined(
  merchant: Merchant,
  { offMs = 0, secrets, outboundProxy, ca }: Examined,
): Promise<Record<string, Shown>> {
  const now = () => new Date(Date.now() + offMs);
  const outward = createOutward({ proxy: outboundProxy, ca });
  const deps = { check: createChecker({ isFixing: false }), now, isOffline: false, outboundProxy, outward };
  const results = await checkGateway(deps, merchant);
  expect(results.every(({ subject, group }) => subject === merchant.mchid && group === 'gateway')).toBe(true);
  const text = JSON.stringify(results);
  for (const secret of [...secrets, 'PRIVATE KEY']) expect(text).not.toContain(secret);
  return Object.fromEntries(results.map(({ name, status, seen, cure }) => [name, { status, seen, cure }]));
}

/** What is said of each check of a merchant when nobody may be asked. */
export async function examinedOffline(merchant: Merchant): Promise<string[]> {
  const asking = { now: () => new Date(), outward: createOutward(), outboundProxy: undefined };
  const deps = { check: createChecker({ isFixing: false }), isOffline: true, ...asking };
  return (await checkGateway(deps, merchant)).map(({ status, seen }) => `${status} ${seen}`);
}

export const clockOff = (side: string): unknown =>
  expect.stringMatching(new RegExp(`^this machine is \\d+ s ${side} the gateway$`));

/** A server in WeChat Pay's place, until the test is over. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
