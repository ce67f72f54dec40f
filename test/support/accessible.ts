import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** WCAG 2.0 to 2.2, A and AA, and what axe calls good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Judges the page as it stands, or a part of it. */
export async function expectAccessible(page: Page, about: string, within = 'html'): Promise<void> {
  await page.evaluate(axe.source);
  const context = { include: [[within]] };
  const options: RunOptions = { runOnly: { type: 'tag', values: RULES }, resultTypes: ['violations'] };
  const results = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(context)}, ${JSON.stringify(options)})`);
  const found = results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html}\n${failureSummary}`),
  );
  expect.soft(found, about).toEqual([]);
  expect(results.passes.length, about).toBeGreaterThan(5);
}

export const PHONE = { width: 375, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };

/** On a phone and on a desktop, in light and in dark; with both languages all of these meet. Nothing is loaded again. */
export async function expectAccessibleIn(page: Page, language: 'zh' | 'en', about: string): Promise<void> {
  for (const [colorScheme, viewport] of LOOKS[language]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await expectAccessible(page, `${about}, ${language}, ${colorScheme}, ${viewport.width} px`);
  }
}

const LOOKS = {
  zh: [
    ['light', PHONE],
    ['dark', DESKTOP],
  ],
  en: [
    ['dark', PHONE],
    ['light', DESKTOP],
  ],
} as const;
