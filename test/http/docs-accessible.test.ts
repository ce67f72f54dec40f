import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { openPage, PHONE, serveOps } from '../ops/support/browsing.js';
import { expectAccessible } from '../support/accessible.js';
import { canBrowse, launchBrowser } from '../support/browser.js';
import { useTestApp } from './support/test-app.js';

describe.skipIf(!canBrowse())('the documentation of the API is for everybody', () => {
  const ingress = useTestApp();
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('the list of calls, and one of them opened', async () => {
    const page = await openPage(browser, `${await serveOps(ingress)}/docs`);
    await page.waitForSelector('#operations-Orders-createOrder');
    await expectAccessible(page, 'closed');
    await page.click('#operations-Orders-createOrder button.opblock-summary-control');
    await page.waitForSelector('#operations-Orders-createOrder .opblock-body .response');
    await page.setViewportSize(PHONE);
    await expectAccessible(page, 'opened');
    await page.click('#operations-Orders-createOrder .try-out__btn');
    await page.waitForSelector('#operations-Orders-createOrder .execute');
    await expectAccessible(page, 'tried', '#operations-Orders-createOrder');
  });
});
