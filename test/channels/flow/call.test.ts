import { expect, test } from 'vitest';
import { wasNeverSent } from '../../../src/channels/flow/call.js';

const failed = (syscall: string, code: string): Error => Object.assign(new Error(code), { syscall, code });
const wrapped = (cause: unknown): Error => new Error('request failed', { cause });

test('no connection and no address mean that nothing was sent', () => {
  expect(wasNeverSent(wrapped(failed('connect', 'ECONNREFUSED')))).toBe(true);
  expect(wasNeverSent(wrapped(failed('getaddrinfo', 'ENOTFOUND')))).toBe(true);
  expect(wasNeverSent(failed('connect', 'ETIMEDOUT'))).toBe(true);
});

test('several addresses count when none could be reached', () => {
  const refused = failed('connect', 'ECONNREFUSED');
  expect(wasNeverSent(wrapped(new AggregateError([refused, refused])))).toBe(true);
  expect(wasNeverSent(wrapped(new AggregateError([refused, failed('read', 'ECONNRESET')])))).toBe(false);
  expect(wasNeverSent(wrapped(new AggregateError([])))).toBe(false);
});

test('a connection that broke may have carried the request', () => {
  expect(wasNeverSent(wrapped(failed('read', 'ECONNRESET')))).toBe(false);
  expect(wasNeverSent(wrapped(failed('write', 'EHOSTUNREACH')))).toBe(false);
  expect(wasNeverSent(wrapped(new Error('socket hang up')))).toBe(false);
  expect(wasNeverSent(undefined)).toBe(false);
});
