import { describe, expect, it } from 'vitest';
import { explain, explainCard, explainOrder } from '../../src/domain/explain.js';
import { factsOfState, type ExplainFacts } from '../../src/domain/explain/facts.js';
import {
  CLOSED_REASONS,
  FULFILMENT_STATES,
  ORDER_STATES,
  REVIEW_REASONS,
  STUCK_REASONS,
} from '../../src/domain/order/states.js';
import { transition } from '../../src/domain/order/transition.js';
import { aRow, openRow } from './order/rows.js';
import {
  after,
  anEvidence,
  anOrder,
  answered,
  DEADLINE_MS,
  FIRST,
  MCHID,
  opened,
  ORDER_NO,
  paid,
  START_MS,
} from './order/fixtures.js';

const PLAIN: ExplainFacts = {
  mchid: MCHID,
  orderNo: ORDER_NO,
  state: 'awaitingPayment',
  closedReason: null,
  reviewReason: null,
  stuckReason: null,
  amountFen: 1200,
  paidFen: 0,
  confirmedFen: 0,
  sinceMs: START_MS,
  expiresAtMs: DEADLINE_MS,
  open: FIRST,
  doubted: false,
  closing: false,
  fulfilment: 'none',
  shop: 'untold',
  fulfilmentDueMs: null,
  returningFen: 0,
  returnedFen: 0,
  nextAtMs: START_MS + 60_000,
  attempts: 0,
  lastAnswer: null,
};

/** Every state with every reason it can have. */
const SITUATIONS: readonly ExplainFacts[] = [
  ...ORDER_STATES.map((state): ExplainFacts => ({ ...PLAIN, state })),
  ...CLOSED_REASONS.map((closedReason): ExplainFacts => ({ ...PLAIN, state: 'closed', closedReason })),
  ...REVIEW_REASONS.map((reviewReason): ExplainFacts => ({
    ...PLAIN,
    state: 'review',
    reviewReason,
    stuckReason: 'review',
  })),
  ...ORDER_STATES.flatMap((state) =>
    STUCK_REASONS.map((stuckReason): ExplainFacts => ({ ...PLAIN, state, stuckReason })),
  ),
  { ...PLAIN, doubted: true },
  { ...PLAIN, closing: true },
  { ...PLAIN, open: null },
  ...FULFILMENT_STATES.flatMap((fulfilment) => [
    { ...PLAIN, state: 'paid' as const, fulfilment, shop: 'told' as const },
    { ...PLAIN, state: 'paid' as const, fulfilment, stuckReason: 'review' as const },
  ]),
  { ...PLAIN, state: 'paid', fulfilment: 'pending' },
  { ...PLAIN, state: 'paid', returningFen: 1200 },
  { ...PLAIN, state: 'closed', returningFen: 1200 },
  { ...PLAIN, state: 'closed', returnedFen: 1200 },
];

describe('explain', () => {
  it('says for every state and every stuck reason what it waits for, in both languages, and who can act', () => {
    for (const facts of SITUATIONS) {
      const card = explain(facts);
      expect(card.text.zh).toMatch(/\p{Script=Han}/u);
      expect(card.text.en).toMatch(/^[\x20-\x7e¥]+$/);
      expect(card.waitingFor).not.toBe('');
      const isFinal = facts.state === 'paid' || facts.state === 'closed';
      const isBusy = facts.stuckReason !== null || facts.doubted || facts.fulfilment === 'pending';
      const idle = isFinal && !isBusy && facts.returningFen === 0;
      expect(card.actor === 'nobody').toBe(idle);
      expect(card.commands.length > 0).toBe(!idle);
    }
  });

  it('tells different situations in different words', () => {
    const texts = SITUATIONS.map((facts) => explain(facts).text.en);
    expect(new Set(texts).size).toBeGreaterThanOrEqual(
      CLOSED_REASONS.length + REVIEW_REASONS.length + STUCK_REASONS.length + 4,
    );
  });

  it('gives the next poll by the rule, and never one that has passed', () => {
    const open = after(anOrder(), ...opened());
    const openedMs = open.attempts[0]?.openedAtMs ?? 0;
    const nextOf = (nowMs: number) => explain(factsOfState(open, nowMs)).nextAt;
    expect(nextOf(openedMs)).toBe(new Date(openedMs + 60_000).toISOString());
    expect(nextOf(openedMs + 60_000)).toBe(new Date(openedMs + 90_000).toISOString());
    expect(nextOf(openedMs + 100_000)).toBe(new Date(openedMs + 150_000).toISOString());
  });

  it('says when doubted evidence is asked about again', () => {
    const doubted = transition(
      transition(after(anOrder(), ...opened()), { type: 'evidence', evidence: anEvidence() }, START_MS),
      answered({ kind: 'notPaid' }),
      START_MS,
    );
    expect(explain(factsOfState(doubted, START_MS + 1))).toMatchObject({
      waitingFor: 'payment_confirmed',
      nextAt: new Date(START_MS + 5_000).toISOString(),
    });
  });
});

describe('explain from Postgres', () => {
  const order = aRow({ state: 'awaitingPayment' }, [openRow]);
  const now = new Date(START_MS + 70_000);
  const fact = {
    id: '1',
    source: 'notify',
    outTradeNo: FIRST,
    transactionId: '42',
    amountFen: order.amountFen,
    at: now,
  } as const;

  it('takes the next poll and the last answer from the last call', () => {
    const nextAt = new Date(START_MS + 90_000);
    const lastCall = { api: 'query', outTradeNo: FIRST, at: now, outcome: 'notPaid', nextAt };
    expect(explainOrder({ order, lastCall, pollCount: 1, evidence: [], now })).toMatchObject({
      waitingFor: 'payment',
      nextAt: nextAt.toISOString(),
      attempts: 1,
      lastAnswer: { api: 'query', at: now.toISOString(), outcome: 'notPaid' },
    });
  });

  it('says that a notify is being looked into', () => {
    const input = { order, lastCall: undefined, pollCount: 0, now };
    expect(explainOrder({ ...input, evidence: [fact] }).waitingFor).toBe('payment_confirmed');
    expect(explainOrder({ ...input, evidence: [{ ...fact, source: 'query' }] }).waitingFor).toBe('payment');
  });
});

describe('the card in the Temporal UI', () => {
  it('is Markdown in one language, with commands to paste while there is something to do', () => {
    const open = after(anOrder(), ...opened());
    const card = explainCard(open, 'en', START_MS);
    expect(card).toContain('### A-10001');
    expect(card).toContain('| State | `awaitingPayment` |');
    expect(card).toContain('¥12.00');
    expect(card).toContain('2026-03-01 02:00:00Z');
    expect(card).toContain('temporal workflow signal \\\n  --namespace "${TEMPORAL_NAMESPACE:-paysaga}"');
    expect(explainCard(open, 'zh', START_MS)).toContain('| 状态 | `awaitingPayment` |');
    expect(explainCard(after(open, paid()), 'en', START_MS)).not.toContain('```sh');
  });
});
