import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finishBulk, finishBulkOrder, openBulkOrders } from '../../src/bulk/store/bulk.js';
import { NOW as NOW_OF_BOOKS } from '../reconciliation/books.js';
import { DIFFERS, seedDays } from '../reconciliation/page/seed.js';
import { returnPayment } from '../refunds/api/refund-steps.js';
import { MCHID, NOW, OTHER_MCHID, useTestApp } from '../http/support/test-app.js';
import { expectAccessibleIn } from '../support/accessible.js';
import { canBrowse, launchBrowser } from '../support/browser.js';
import { onDatabase } from '../support/services.js';
import { openPage, seedDay, serveOps } from './support/browsing.js';

const REFUSED = /the server responded with a status of (400|401|404)/;

describe.skipIf(!canBrowse())("the operators' pages are for everybody", () => {
  const ingress = useTestApp();
  let browser: Browser;
  let key: string;
  let stuck: string;
  let paid: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    ingress.reset();
    key = (await ingress.newKey('operator', [MCHID, OTHER_MCHID], 'Han Meimei')).key;
    ({ stuck, paid } = await onDatabase(ingress.databaseUrl, seedDay));
    await seedDays(ingress);
    // A notify as WeChat Pay's, in the place of rows that are there to be counted.
    await onDatabase(ingress.databaseUrl, (sql) => sql`delete from notify_inbox`);
    const unmatched = { key: null, body: { key: 'n1', outTradeNo: 'nobody-knows' } };
    await ingress.send('POST', `/notify/wechatpay/v3/${MCHID}`, unmatched);
  });
  afterAll(() => browser.close());

  async function enter(at = NOW): Promise<Page> {
    ingress.clock.now = at;
    const page = await openPage(browser, `${await serveOps(ingress)}/ops/login`, { expected: REFUSED });
    await page.fill('#key', key);
    await page.click('button.primary');
    await page.waitForSelector('#sign-out');
    return page;
  }

  const inBoth = async (page: Page, path: string, act: (page: Page) => Promise<unknown> = () => Promise.resolve()) => {
    for (const lang of ['zh', 'en'] as const) {
      const url = new URL(path, page.url());
      url.searchParams.set('lang', lang);
      const answer = await page.goto(url.href);
      expect(answer?.status(), path).toBeLessThan(500);
      await act(page);
      expect(await page.getAttribute('html', 'lang')).toBe(lang === 'zh' ? 'zh-CN' : 'en');
      await expectAccessibleIn(page, lang, path);
    }
  };

  /** What the bulk's workflow does, played by the test: every order is done. */
  async function workOff(id: string): Promise<void> {
    const { db } = ingress.connection;
    for (const order of await openBulkOrders(db, id, 100)) await finishBulkOrder(db, order, 'done', NOW);
    await finishBulk(db, id, NOW);
  }

  const opened = (page: Page) => page.evaluate(`for (const it of document.querySelectorAll('details')) it.open = true`);
  const hrefs = (page: Page, selector: string) =>
    page.evaluate<string[]>(
      `[...new Set([...document.querySelectorAll(${JSON.stringify(selector)})].map((it) => it.getAttribute('href')))]`,
    );

  test('the door, also to who is refused', async () => {
    const page = await openPage(browser, `${await serveOps(ingress)}/ops/login`, { expected: REFUSED });
    await inBoth(page, '/ops/login');
    await inBoth(page, '/ops/login', async () => {
      await page.fill('#key', 'psk_live_operator_wrong');
      await page.click('button.primary');
      await page.waitForSelector('#login-problem');
    });
  });

  test('the overview, with its charts and their tables', async () => {
    const page = await enter();
    await inBoth(page, '/ops', async () => {
      await page.waitForSelector('#charts[data-drawn="4"]');
      await opened(page);
    });
  });

  test('what is stuck, the inbox, what is found and what is not', async () => {
    const page = await enter();
    for (const path of [
      '/ops/stuck',
      '/ops/inbox',
      '/ops/search?q=ops-01',
      '/ops/search?q=A-4711',
      '/ops/search',
      '/ops/nowhere',
    ])
      await inBoth(page, path);
  });

  test('an order that waits for somebody, and each of its forms, also filled in wrongly', async () => {
    const page = await enter();
    const path = `/ops/orders/${MCHID}/${await ingress.placeOrder()}`;
    for (const order of [path, `/ops/orders/${MCHID}/${stuck}`]) {
      await inBoth(page, order, opened);
      const forms = await hrefs(page, 'a[id^="do-"]');
      expect(forms.length).toBeGreaterThan(1);
      for (const form of forms) await inBoth(page, form);
    }
    await inBoth(page, `${path}/recheck`, async () => {
      await page.evaluate(`for (const it of document.forms) it.noValidate = true`);
      await page.click('#submit');
      await page.waitForSelector('[aria-invalid="true"]');
    });
  });

  test('an order that is paid, with a refund, and the forms of both', async () => {
    const number = await ingress.placePaidOrder();
    await returnPayment(ingress, number);
    const page = await enter();
    await inBoth(page, `/ops/orders/${MCHID}/${number}`, opened);
    for (const form of await hrefs(page, 'main a[href*="/ops/refunds/"], main a[href*="/ops/events/"]'))
      await inBoth(page, form);
    await inBoth(page, `/ops/orders/${MCHID}/${paid}`, opened);
  });

  test('many orders at once: the form, the dry run, the progress', async () => {
    const page = await enter();
    await inBoth(page, '/ops/bulk');
    const dryRun = async () => {
      await page.fill('#reason', 'WeChat Pay is away');
      await page.click('#dry-run');
      await page.waitForSelector('#preview');
    };
    await inBoth(page, `/ops/bulk?mchid=${MCHID}&action=hold&orderNos=${stuck}`, dryRun);
    await page.check('#confirm');
    await page.click('#run');
    await page.waitForSelector('#bulk');
    // A bulk under way draws its page again under axe.
    await workOff(page.url().split('/').at(-1) ?? '');
    await page.waitForSelector('#bulk[data-finished="true"]');
    await inBoth(page, page.url());
  });

  test('the days: a month, a day, its lines, what does not agree, one of it', async () => {
    const page = await enter(NOW_OF_BOOKS);
    await inBoth(page, '/ops/reconciliation?month=2026-05', opened);
    const [day = ''] = await hrefs(page, `[data-date="${DIFFERS}"] .day-head a`);
    await inBoth(page, day, opened);
    const lines = await hrefs(page, 'main [data-class] a');
    expect(lines.length).toBeGreaterThan(1);
    for (const path of lines.slice(0, 2)) await inBoth(page, path);
    await inBoth(page, '/ops/reconciliation/discrepancies');
    const [one = ''] = await hrefs(page, '#discrepancies .button.small');
    await inBoth(page, one, opened);
  });

  test('what was taken', async () => {
    const page = await enter(NOW_OF_BOOKS);
    await inBoth(page, '/ops/statements?from=2026-05-01&to=2026-05-31', async () => {
      await page.waitForSelector('#charts[data-drawn="3"]');
      await opened(page);
    });
    await inBoth(page, '/ops/statements?from=2026-05-31&to=2026-05-01');
  });
});
