import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectAccessibleIn } from '../support/accessible.js';
import { BROWSER_PATIENCE_MS, canBrowse, launchBrowser } from '../support/browser.js';
import { charge, newCode } from './support/code-scan.js';
import { newNumber, prepay } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

describe.skipIf(!canBrowse())('the phone page is for everybody', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function inBoth(about: string, act: (page: Page) => Promise<unknown>): Promise<void> {
    for (const lang of ['zh', 'en'] as const) {
      const context = await browser.newContext({ locale: lang === 'zh' ? 'zh-CN' : 'en-GB', reducedMotion: 'reduce' });
      onTestFinished(() => context.close());
      context.setDefaultTimeout(BROWSER_PATIENCE_MS);
      const page = await context.newPage();
      await page.goto(`${sandbox.url}/sandbox/phone`);
      await act(page);
      expect(await page.getAttribute('html', 'lang')).toBe(lang === 'zh' ? 'zh-CN' : 'en');
      await expectAccessibleIn(page, lang, about);
    }
  }

  async function lookUp(page: Page): Promise<void> {
    await page.fill('#code', String((await prepay(sandbox, merchant, newNumber())).json['code_url']));
    await page.click('#lookup');
    await page.waitForSelector('#bill:not([hidden])');
  }

  it('before anything is looked up, and where nothing is found', async () => {
    await inBoth('empty', () => Promise.resolve());
    await inBoth('refused', async (page) => {
      await page.click('#lookup');
      await page.waitForSelector('#result[data-result="refused"]');
    });
  });

  it('with a bill, and once it is paid', async () => {
    await inBoth('bill', lookUp);
    await inBoth('paid', async (page) => {
      await lookUp(page);
      await page.click('#pay');
      await page.waitForSelector('#result[data-result="paid"]');
    });
  });

  it('with a code of its own', async () => {
    await inBoth('own code', async (page) => {
      await page.click('#show');
      await page.waitForSelector('#shown-code:not([hidden])');
    });
  });

  it('where it asks for the password', async () => {
    await inBoth('password', async (page) => {
      const authCode = await newCode(sandbox, { payer: 'password' });
      await charge(sandbox, merchant, newNumber(), authCode);
      await page.waitForSelector('.prompt');
    });
  });
});
