import { expect, test } from 'vitest';
import { findApiKey, insertApiKey, listApiKeys, revokeApiKey } from '../../src/access/store/api-key.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, LATER, MCHID, mchid } from './fixtures.js';

const database = fileDatabase();
const OTHER = mchid('1900000002');

const merchantKey = (hash: string) => ({
  kind: 'merchant' as const,
  name: null,
  mchids: [MCHID],
  hash,
  at: CREATED_AT,
});

test('a key is found by its hash until it is revoked', async () => {
  const key = await insertApiKey(database.db, merchantKey('hash-1'));
  expect(key).toEqual({
    id: key.id,
    kind: 'merchant',
    name: null,
    mchids: [MCHID],
    role: 'operator',
    refundLimitFen: null,
    createdAt: CREATED_AT,
    revokedAt: null,
  });
  expect(await findApiKey(database.db, 'hash-1')).toEqual(key);

  expect(await revokeApiKey(database.db, key.id, LATER)).toBe(true);

  expect(await findApiKey(database.db, 'hash-1')).toBeUndefined();
  expect(await listApiKeys(database.db)).toContainEqual({ ...key, revokedAt: LATER });
});

test('an operator key carries a name and several merchants', async () => {
  const key = {
    kind: 'operator' as const,
    name: 'Li "L" Lei, {ops}',
    mchids: [MCHID, OTHER],
    hash: 'hash-2',
    at: LATER,
  };

  await insertApiKey(database.db, key);

  expect(await findApiKey(database.db, 'hash-2')).toMatchObject({ name: key.name, mchids: [MCHID, OTHER] });
});

test('what is not there, or was revoked before, cannot be revoked', async () => {
  const key = await insertApiKey(database.db, merchantKey('hash-3'));
  await revokeApiKey(database.db, key.id, CREATED_AT);

  expect(await revokeApiKey(database.db, key.id, LATER)).toBe(false);
  expect(await revokeApiKey(database.db, '00000000-0000-4000-8000-000000000000', LATER)).toBe(false);
  expect(await revokeApiKey(database.db, 'not-an-id', LATER)).toBe(false);
  expect(await listApiKeys(database.db)).toContainEqual({ ...key, revokedAt: CREATED_AT });
});

test.each([
  ['two keys of one hash', { ...merchantKey('hash-1') }, 'api_keys_hash_key'],
  [
    'a merchant key of two merchants',
    { ...merchantKey('hash-4'), mchids: [MCHID, OTHER] },
    'api_keys_merchant_has_one_mchid',
  ],
  ['an operator without a name', { ...merchantKey('hash-5'), kind: 'operator' as const }, 'api_keys_operator_is_named'],
  [
    'an operator without a merchant',
    { ...merchantKey('hash-6'), kind: 'operator' as const, name: 'Li Lei', mchids: [] },
    'api_keys_operator_is_named',
  ],
])('the database refuses %s', async (_what, key, constraint) => {
  await insertApiKey(database.db, merchantKey('hash-1')).catch(() => undefined);

  await expect(insertApiKey(database.db, key)).rejects.toMatchObject({ code: 'database_refused', constraint });
});
