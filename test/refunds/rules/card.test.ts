import { expect, test } from 'vitest';
import { refundCard } from '../../../src/refunds/rules/card.js';
import { REFUND_STATES, REFUND_TROUBLES } from '../../../src/refunds/rules/states.js';
import type { Trouble } from '../../../src/orders/rules/trouble.js';
import { START_MS } from '../../orders/rules/fixtures.js';
import { aRefund, found, inState, refundAfter } from './fixtures.js';

const processing = refundAfter(aRefund(), found());
const inTrouble = (trouble: Trouble): typeof processing => ({
  ...processing,
  gateway: { trouble, unansweredSinceMs: null },
});

test('every state and every trouble has words of its own in both languages', () => {
  const states = REFUND_STATES.map((state) => inState(processing, state));
  const troubles = REFUND_TROUBLES.map((trouble) =>
    trouble === 'refund_failed' ? { ...processing, mismatched: true } : inTrouble(trouble),
  );
  for (const language of ['zh', 'en'] as const) {
    const texts = [...states, ...troubles].map((refund) => refundCard(refund, language, START_MS).split('\n')[2] ?? '');
    expect(new Set(texts).size).toBe(REFUND_STATES.length + REFUND_TROUBLES.length);
    for (const text of texts) expect(text).toMatch(language === 'zh' ? /\p{Script=Han}/u : /^[\x20-\x7e]+$/);
  }
});

test('the card names the refund, its payment, the amount, the trouble and a command to paste', () => {
  const card = refundCard(inTrouble('merchant_balance'), 'en', START_MS);
  expect(card).toContain('### A-10001@return\n');
  expect(card).toContain('| State | `processing` · `merchant_balance` |');
  expect(card).toContain('after 10 s, 30 s, 1, 2 and 5 min, then every 10 min');
  expect(card).toContain('| Amount | ¥12.00 |');
  expect(card).toContain('| Payment | A-10001 |');
  expect(card).toContain('paysaga show A-10001 \\\n  --mchid 1900000001');
  expect(card).toContain('| As of | 2026-03-01 08:00:00+08 |');
  expect(refundCard(processing, 'zh', START_MS)).toContain('| 状态 | `processing` |');
});

test('one whose number somebody else used names it in the command that books theirs', () => {
  const card = refundCard({ ...processing, mismatched: true }, 'en', START_MS);
  expect(card).toContain("paysaga refund external A-10001 'A-10001@return' \\\n  --mchid 1900000001 \\\n  --reason ''");
  expect(card).toContain('somebody else used it');
});

test('one that WeChat Pay refused says with which code, and whose turn it is; the message stays in Postgres', () => {
  const refused = { ...inState(processing, 'rejected'), refusalCode: 'USER_ACCOUNT_ABNORMAL' };
  const own = refundCard(refused, 'en', START_MS);
  expect(own).toContain('| Refused with | `USER_ACCOUNT_ABNORMAL` |');
  expect(own).toMatch(/account is abnormal or gone\. .*issued again \(reissue\)/);
  const shops = refundCard({ ...refused, cause: 'shop' }, 'zh', START_MS);
  expect(shops).toContain('| 拒绝原因 | `USER_ACCOUNT_ABNORMAL` |');
  expect(shops).toContain('店铺可以用新的退款单号再次申请');
  expect(refundCard(inState(refused, 'succeeded'), 'en', START_MS)).not.toContain('ABNORMAL');
});

test('a refund that is over speaks of no trouble any more', () => {
  const card = refundCard({ ...inState(processing, 'succeeded'), mismatched: true }, 'en', START_MS);
  expect(card).toContain('| State | `succeeded` |');
});
