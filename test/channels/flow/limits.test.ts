import { expect, test } from 'vitest';
import { GATEWAY_APIS } from '../../../src/orders/rules/gateway-answer.js';
import { failureLimitShare, limitShare } from '../../../src/channels/flow/limits.js';

test('every call has a limit, shared by the workers', () => {
  for (const api of GATEWAY_APIS) {
    expect(limitShare({ limits: {} }, api, 1)).toBeGreaterThan(0);
    expect(limitShare({ limits: {} }, api, 4)).toBe(limitShare({ limits: {} }, api, 1) / 4);
  }
  expect(limitShare({ limits: { refund: 12 } }, 'refund', 4)).toBe(3);
});

test("refunds stay below WeChat Pay's figures, the one for old trades too", () => {
  expect(limitShare({ limits: {} }, 'refund', 1) * 60).toBeLessThan(5_000);
  expect(limitShare({ limits: {} }, 'refundQuery', 1)).toBeLessThan(300);
  expect(limitShare({ limits: {} }, 'abnormalRefund', 1)).toBeLessThan(150);
});

test('only refunds that fail have a limit for failures, shared by the workers', () => {
  expect(failureLimitShare('refund', 1)).toBe(3);
  expect(failureLimitShare('refund', 4)).toBe(0.75);
  for (const api of GATEWAY_APIS) if (api !== 'refund') expect(failureLimitShare(api, 1)).toBeUndefined();
});
