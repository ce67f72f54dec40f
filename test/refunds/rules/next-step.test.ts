import { describe, expect, it } from 'vitest';
import { nextRefundStep } from '../../../src/refunds/rules/next-step.js';
import { START_MS } from '../../orders/rules/fixtures.js';
import { accepted, applied, aRefund, found, refundAfter } from './fixtures.js';
import { flatRefund } from './flat.js';

const processing = refundAfter(aRefund(), accepted());
const EVENT = { id: 'event-1', type: 'refund.succeeded', tried: false } as const;
const NEWS = { outbox: [EVENT], handed: [] };
const UNLIKE = aRefund().confirmed;
const stepAt = (state: typeof processing, ms: number) => nextRefundStep(state, START_MS + ms);

describe('the next step of a refund', () => {
  it('is to send it', () => expect(stepAt(aRefund(), 0)).toEqual({ kind: 'apply' }));

  it('is to wait a minute for the notify, and then to poll', () => {
    expect(stepAt(processing, 0)).toEqual({ kind: 'wait', untilMs: START_MS + 60_000, poll: null });
    expect(stepAt(processing, 59_999)).toEqual({ kind: 'wait', untilMs: START_MS + 60_000, poll: null });
    expect(stepAt(processing, 60_000)).toEqual({ kind: 'wait', untilMs: null, poll: 'processing' });
  });

  it('is to ask before anything is sent again', () => {
    for (const event of [{ type: 'evidence' }, applied({ kind: 'conflict', code: 'INVALID_REQUEST' })] as const) {
      expect(stepAt(refundAfter(aRefund(), event), 0)).toEqual({ kind: 'query' });
    }
  });

  it('is nothing once it is over and told', () => {
    const ended = refundAfter(processing, found({ status: 'succeeded' }));
    expect(stepAt(ended, 0)).toBeUndefined();
    expect(stepAt({ ...ended, telling: NEWS }, 0)).toEqual({ kind: 'tell', event: EVENT });
    expect(stepAt({ ...ended, confirmed: UNLIKE, telling: NEWS }, 0)).toEqual({ kind: 'project' });
  });

  it('writes and tells before it asks, and asks before it does what a person decided', () => {
    const { confirmed, telling } = processing;
    const busy = {
      ...{ ...processing, confirmed: UNLIKE, telling: NEWS },
      ask: { why: 'evidence', by: null, atMs: 0 },
      decision: { kind: 'due', task: 'reissue' },
    } as const;
    expect(stepAt(busy, 0)?.kind).toBe('project');
    expect(stepAt({ ...busy, confirmed }, 0)?.kind).toBe('tell');
    expect(stepAt({ ...busy, confirmed, telling }, 0)?.kind).toBe('query');
    expect(stepAt({ ...busy, confirmed, telling, ask: null }, 0)?.kind).toBe('reissue');
  });
});

describe('a refund read back from its row', () => {
  it('that was reserved is sent', () => expect(stepAt(aRefund(), 0)).toEqual({ kind: 'apply' }));

  it('that WeChat Pay has is waited for, and polled at once when its first minute is over', () => {
    const appliedAt = new Date(START_MS);
    const state = aRefund({ state: 'processing', appliedAt });
    expect(stepAt(state, 1)).toEqual({ kind: 'wait', untilMs: START_MS + 60_000, poll: null });
    expect(stepAt(state, 60_000)).toEqual({ kind: 'wait', untilMs: null, poll: 'processing' });
  });

  it.each(['succeeded', 'closed', 'rejected'] as const)('that is %s is over', (state) => {
    expect(
      stepAt(aRefund({ state, succeededAt: state === 'succeeded' ? new Date(START_MS) : null }), 0),
    ).toBeUndefined();
  });

  it('shows the trouble it was in', () => {
    expect(flatRefund(aRefund({ trouble: 'merchant_balance' })).trouble).toBe('merchant_balance');
  });
});
