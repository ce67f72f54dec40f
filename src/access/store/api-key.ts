import { and, asc, eq, isNull, type SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { apiKeys } from '../../db/schema.js';
import { isUuid, mchidOf } from '../../db/stored-values.js';

type Stored = typeof apiKeys.$inferSelect;

/** Never the key: it is shown once, when it is made, and kept as a hash. */
export type ApiKeyRecord = Omit<Stored, 'hash' | 'mchids'> & { readonly mchids: Mchid[] };

/** A merchant key has exactly one `mchid`. */
type NewApiKey = Pick<ApiKeyRecord, 'kind' | 'name'> &
  Partial<Pick<ApiKeyRecord, 'role' | 'refundLimitFen'>> & {
    readonly mchids: readonly Mchid[];
    readonly hash: string;
    readonly at: Date;
  };

export async function insertApiKey(db: Db | Tx, key: NewApiKey): Promise<ApiKeyRecord> {
  const { at: createdAt, ...terms } = key;
  const rows = await db
    .insert(apiKeys)
    .values({ ...terms, mchids: [...terms.mchids], createdAt })
    .returning();
  const [record] = rows.map(apiKeyRecord);
  if (record === undefined) throw new Error('An inserted API key was not returned');
  return record;
}

export async function findApiKey(db: Db | Tx, hash: string): Promise<ApiKeyRecord | undefined> {
  const rows = await standing(db, eq(apiKeys.hash, hash));
  return rows.map(apiKeyRecord)[0];
}

/** The operator's key of a session, `undefined` once it was revoked. Its hash names it to the guards of streams. */
export async function findOperatorKey(
  db: Db | Tx,
  id: string,
): Promise<(ApiKeyRecord & { readonly hash: string }) | undefined> {
  if (!isUuid(id)) return undefined;
  const rows = await standing(db, and(eq(apiKeys.id, id), eq(apiKeys.kind, 'operator')));
  return rows.map((row) => ({ ...apiKeyRecord(row), hash: row.hash }))[0];
}

const standing = (db: Db | Tx, condition: SQL | undefined) =>
  db
    .select()
    .from(apiKeys)
    .where(and(condition, isNull(apiKeys.revokedAt)));

/** Oldest first, the revoked ones too. */
export async function listApiKeys(db: Db | Tx): Promise<ApiKeyRecord[]> {
  const rows = await db.select().from(apiKeys).orderBy(asc(apiKeys.createdAt), asc(apiKeys.id));
  return rows.map(apiKeyRecord);
}

/** False when there is no such key, or it was revoked before; the first revocation's time stays. */
export async function revokeApiKey(db: Db | Tx, id: string, at: Date): Promise<boolean> {
  if (!isUuid(id)) return false;
  const rows = await db
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id });
  return rows.length > 0;
}

function apiKeyRecord({ hash, ...row }: Stored): ApiKeyRecord {
  return { ...row, mchids: row.mchids.map(mchidOf) };
}
