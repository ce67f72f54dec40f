import { expect, test } from 'vitest';
import { BULK_ACTIONS, bulkCard } from '../../../src/bulk/rules/bulk.js';
import { MCHID, START_MS } from '../../orders/rules/fixtures.js';

const facts = { bulkId: '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f', mchid: MCHID, action: 'hold' } as const;
const progress = { total: 30, done: 11, failed: 2, open: 17 };

test('every action has words of its own in both languages, and so has the end', () => {
  for (const language of ['zh', 'en'] as const) {
    const cards = BULK_ACTIONS.map((action) => bulkCard({ ...facts, action }, progress, language, START_MS));
    const over = bulkCard(facts, { total: 30, done: 28, failed: 2, open: 0 }, language, START_MS);
    const texts = cards.map((card) => card.split('\n')[2] ?? '');
    expect(new Set(texts).size).toBe(BULK_ACTIONS.length);
    expect(over.split('\n')[3]).not.toBe(cards[0]?.split('\n')[3]);
    for (const text of texts) expect(text).toMatch(language === 'zh' ? /\p{Script=Han}/u : /^[\x20-\x7e]+$/);
  }
});

test('the card tells how far it is, since when that is true, and a command to paste', () => {
  const card = bulkCard(facts, progress, 'en', START_MS);
  expect(card).toContain('### hold · 13 / 30\n');
  expect(card).toContain('| Orders | 30 |\n| Done | 11 |\n| Failed | 2 |\n| To come | 17 |');
  expect(card).toContain('| As of | 2026-03-01 08:00:00+08 |');
  expect(card).toContain(`paysaga bulk ${facts.bulkId} \\\n  --mchid ${MCHID}`);
  expect(bulkCard(facts, progress, 'zh', START_MS)).toContain('| 已完成 | 11 |');
});
