import { ApplicationFailure } from '@temporalio/common';
import type { LogEntry } from '@temporalio/worker';
import pino from 'pino';
import { expect, test } from 'vitest';
import { relay } from '../../src/entries/worker-server.js';

function relayed(entry: Partial<LogEntry>): Record<string, unknown> {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  relay(log, { level: 'WARN', message: 'Activity failed', timestampNanos: 0n, ...entry });
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

const IDS = { activityType: 'tellShop', workflowId: 'order/1900000001/A-1001', attempt: 2, isLocal: true };

test('an activity that failed is told with its ids and why', () => {
  const line = relayed({ meta: { ...IDS, error: new TypeError('x is not a function'), durationMs: 12 } });

  expect(line).toMatchObject({ ...IDS, level: 40, msg: 'Activity failed', durationMs: 12 });
  expect(line).toMatchObject({ error: { name: 'TypeError', message: 'x is not a function' } });
});

test('neither the details of a failure nor the token of its task are told', () => {
  const error = ApplicationFailure.create({ message: 'm', type: 'refused', details: ['canary-details'] });
  const line = relayed({ meta: { ...IDS, taskToken: 'canary-token', error } });

  expect(JSON.stringify(line)).not.toContain('canary');
});

test('of a query that failed, its parameters are not told', () => {
  const error = Object.assign(new Error('Failed query: insert … params: canary-openid'), {
    query: 'insert',
    params: [1],
  });

  expect(JSON.stringify(relayed({ meta: { error } }))).not.toContain('canary');
});

test('what our activities say is told; what the SDK says of itself is for debugging', () => {
  const swept = { level: 'INFO', message: 'swept' } as const;

  expect(relayed({ ...swept, meta: { sdkComponent: 'activity' } })['level']).toBe(30);
  expect(relayed({ ...swept, meta: { sdkComponent: 'worker' } })['level']).toBe(20);
  expect(relayed({ level: 'ERROR', message: 'broken' })['level']).toBe(50);
});
