import { BROWSER_PATIENCE_MS } from '../../support/browser.js';
import { createAdaptorServer } from '@hono/node-server';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Sql } from 'postgres';
import { expect, onTestFinished } from 'vitest';
import { served } from '../../../src/entries/served.js';
import { createApp } from '../../../src/http/app.js';
import type { IngressDeps } from '../../../src/http/kit/route.js';
import { MCHID, NOW, OTHER_MCHID, type TestApp } from '../../http/support/test-app.js';
import { opsRows } from './rows.js';

export const DESKTOP = { width: 1280, height: 800 } as const;
export const PHONE = { width: 390, height: 844 } as const;

const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

/** The app over a real socket, for the one test that runs. */
export async function serveOps(test: TestApp, change: Partial<IngressDeps> = {}): Promise<string> {
  const temporalUi = { url: 'http://127.0.0.1:8233', namespace: 'paysaga' };
  const app = createApp(test.deps({ publicUrl: () => 'http://127.0.0.1', temporalUi, ...change }), served);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A page whose console and network are watched: whatever goes wrong in it fails the test, but for refusals that it expects. */
export async function openPage(
  browser: Browser,
  url: string,
  { expected, ...options }: BrowserContextOptions & { readonly expected?: RegExp } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US', ...options });
  context.setDefaultTimeout(BROWSER_PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) complaints.push(`foreign request: ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(complaints.filter((text) => expected?.test(text) !== true)).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/** A day at two merchants: what is stuck, paid, refunded and refused. The oldest stuck order is the first. */
export async function seedDay(sql: Sql): Promise<{ readonly stuck: string; readonly paid: string }> {
  const rows = opsRows(sql, MCHID);
  const others = opsRows(sql, OTHER_MCHID);
  const stuck = await rows.waiting({ createdAt: ago(1500), stuck: 'review', since: ago(1400), amountFen: 45_000 });
  await rows.waiting({ createdAt: ago(400), stuck: 'merchant_config', since: ago(380), amountFen: 129_900 });
  await rows.waiting({ createdAt: ago(90), stuck: 'gateway_unreachable', since: ago(45) });
  await rows.waiting({ createdAt: ago(60), stuck: 'gateway_unreachable', since: ago(42), amountFen: 8_800 });
  await others.waiting({ createdAt: ago(30), stuck: 'close_unconfirmed', since: ago(12), amountFen: 2_500 });
  for (let n = 0; n < 8; n += 1) await rows.waiting({ createdAt: ago(n) });
  const paid = await rows.paid({ paidAt: ago(1), foundBy: 'notify' });
  for (let n = 1; n < 60; n += 1) await payOne(rows, n);
  for (let n = 0; n < 6; n += 1) await rows.closed({ createdAt: ago(n * 70) });
  await rows.event(paid, ago(1));
  await rows.unmatched(ago(20));
  return { stuck, paid };
}

async function payOne(rows: ReturnType<typeof opsRows>, n: number): Promise<void> {
  const foundBy = n % 9 === 0 ? 'poll' : n % 13 === 0 ? 'sync' : n % 31 === 0 ? 'close' : 'notify';
  const took = [6, 14, 25, 40, 70, 150, 400][n % 7] ?? 20;
  const amountFen = 900 + n * 137;
  const number = await rows.paid({ paidAt: ago(n * 22), foundBy, tookMs: took * 1000, amountFen });
  await rows.call(number, { at: ago(n * 22), outcome: 'paid' });
  if (n % 6 === 0) {
    const state = (['succeeded', 'succeeded', 'processing', 'rejected', 'abnormal'] as const)[(n / 6) % 5] ?? 'closed';
    await rows.refund(number, { createdAt: ago(n * 160), state, totalFen: amountFen });
  }
  if (n % 4 === 0) {
    const outcome = ['unknown', 'unreachable', 'SYSTEM_ERROR'][n % 3] ?? 'unknown';
    await rows.call(number, { at: ago(n * 11), outcome });
  }
}
