import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const SYSTEM_BROWSERS = [
  // Chromium without its windows: starts in half the time.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** `CHROME_PATH`, else the system's own, else the one that Playwright downloaded; `undefined` where there is none. */
export function findBrowser(): string | undefined {
  const { CHROME_PATH: chosen } = process.env;
  if (chosen !== undefined && chosen !== '') return chosen;
  const ofSystem = SYSTEM_BROWSERS.find((path) => existsSync(path));
  if (ofSystem !== undefined) return ofSystem;
  const downloaded = chromium.executablePath();
  return existsSync(downloaded) ? downloaded : undefined;
}

/**
 * Whether tests in a real browser can run here. Without a browser they are skipped aloud; in CI they fail instead, when
 * {@link launchBrowser} finds none.
 */
export function canBrowse(): boolean {
  if (findBrowser() !== undefined || process.env['CI'] === 'true') return true;
  console.warn(`Browser tests are skipped: ${HOW_TO_GET_ONE}`);
  return false;
}

/** What a browser is given for each step: only what hangs meets it. */
export const BROWSER_PATIENCE_MS = 600_000;

const HOW_TO_GET_ONE =
  'no Chromium was found. Install one (apt-get install chromium-headless-shell, or npx playwright-core install chromium) or name it in CHROME_PATH.';

/** A browser that talks to nobody but the page. Throws, naming the ways out, where there is none. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(HOW_TO_GET_ONE);
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath,
    timeout: BROWSER_PATIENCE_MS,
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
