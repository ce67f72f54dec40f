import { describe, expect, it } from 'vitest';
import { createChecker } from '../../src/doctor/check.js';
import { webhookSection, judge } from '../../src/doctor/webhook.js';
import type { Examination } from '../../src/doctor/examine.js';
import { MCHID, mchid } from '../db/fixtures.js';

const OTHER = mchid('1900000002');

function examine(tell: () => Promise<{ status: number; outcome: string } | undefined>, isOffline = false) {
  const merchants = new Map([MCHID, OTHER].map((id) => [id, {}])) as unknown as Examination['merchants'];
  const installation = { merchantsFile: 'merchants.json' } as Examination['installation'];
  const check = createChecker({ isFixing: false });
  const section = webhookSection(() => Promise.resolve((id) => (id === MCHID ? tell() : Promise.resolve(undefined))));
  return section({ check, isOffline, isFixing: false, now: () => new Date(), merchants, installation });
}

describe('whether the shop answers a signed test event', () => {
  it('is asked of each that has an endpoint', async () => {
    const results = await examine(() => Promise.resolve({ status: 204, outcome: 'delivered' }));
    expect(results.map(({ group, subject, name, status, seen }) => [group, subject, name, status, seen])).toEqual([
      ['merchant', MCHID, 'webhook test', 'ok', 'a signed test event is answered 204'],
      ['merchant', OTHER, 'webhook test', 'skipped', 'the shop has no endpoint'],
    ]);
  });

  it('is not asked offline', async () => {
    const results = await examine(() => Promise.reject(new Error('asked')), true);
    expect(results.map(({ status, seen }) => [status, seen])).toEqual([
      ['skipped', '--offline'],
      ['skipped', '--offline'],
    ]);
  });

  it.each([
    [302, 'refused', /redirects/],
    [401, 'refused', /secret/],
    [403, 'refused', /secret/],
    [404, 'refused', /path of webhook.url/],
    [410, 'gone', /nobody listens there/],
    [500, 'refused', /log/],
    [0, 'unreachable', /Start the shop/],
    [0, 'timeout', /2xx first/],
    [0, 'tls', /certificate/],
    [0, 'forbidden_address', /allowedPrivateRanges/],
  ])('%i %s fails, with its cure', (status, outcome, cure) => {
    const found = judge({ status, outcome });
    expect(found).toMatchObject({ status: 'failed', cure: expect.stringMatching(cure) as unknown });
    if (status > 0) expect(found.seen).toBe(`a signed test event is answered ${status}`);
  });
});
