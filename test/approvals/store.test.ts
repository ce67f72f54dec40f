import { describe, expect, it } from 'vitest';
import { json, MCHID, useTestApp } from '../http/support/test-app.js';

const test = useTestApp();

let sequence = 0;
/** A refund that waits, asked for by the shop or by somebody. */
async function waiting(key?: string): Promise<{ id: string; refundNo: string; number: string }> {
  sequence += 1;
  test.withApprovalAbove(0);
  const number = await test.placePaidOrder();
  const body = { refundNo: `S-${sequence}`, amountFen: 300 };
  const answer = await test.send('POST', `/v1/orders/${number}/refunds`, {
    body,
    ...(key === undefined ? {} : { key }),
  });
  return { id: String((await json(answer))['approvalId']), refundNo: body.refundNo, number };
}

const decided = async (id: string, by: { id: string; name: string | null }, status = 'approved') =>
  test.connection.sql`
    update approvals set status = ${status}, decided_at = now(), decided_by_key = ${by.id}, decided_by_name = ${by.name},
                         decision_reason = 'seen' where id = ${id}`;
const begun = ({ refundNo, number }: { refundNo: string; number: string }, amountFen = 300, hash?: string) =>
  test.connection.sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, created_at)
    select ${MCHID}, ${refundNo}, ${number}, ${number}, ${amountFen}, 1200, 'shop', coalesce(${hash ?? null}, body_hash), now()
    from approvals where out_refund_no = ${refundNo}`;

describe('Postgres itself', () => {
  it('takes no decision of who asked: of the same key, or of the same name', async () => {
    const { key, record } = await test.operatorKey();
    const { record: second } = await test.operatorKey();
    const { record: other } = await test.newKey('operator', [MCHID], 'Han Meimei');
    const { id } = await waiting(key);
    await expect(decided(id, { id: record.id, name: 'Someone' })).rejects.toThrow('approvals_decided_by_another');
    await expect(decided(id, { id: second.id, name: 'Li Lei' })).rejects.toThrow('approvals_decided_by_another');
    await expect(decided(id, { id: other.id, name: null })).rejects.toThrow('approvals_decided_is_whole');
    await decided(id, { id: other.id, name: 'Han Meimei' });
  });

  it('keeps what was asked and decided', async () => {
    const { record } = await test.newKey('operator', [MCHID], 'Han Meimei');
    const { id } = await waiting();
    const { sql } = test.connection;
    await expect(sql`update approvals set amount_fen = 1 where id = ${id}`).rejects.toThrow('never changed');
    await decided(id, { id: record.id, name: 'Han Meimei' }, 'rejected');
    await expect(decided(id, { id: record.id, name: 'Han Meimei' })).rejects.toThrow('never changed');
    await expect(sql`delete from approvals where id = ${id}`).rejects.toThrow('never removed');
    await expect(sql`truncate approvals`).rejects.toThrow('never removed');
  });

  it('lets a refund that waits begin only once it is approved, and as it was', async () => {
    const { record } = await test.newKey('operator', [MCHID], 'Han Meimei');
    const [asked, rejected] = [await waiting(), await waiting()];
    await expect(begun(asked)).rejects.toThrow('as it was approved');
    await decided(rejected.id, { id: record.id, name: 'Han Meimei' }, 'rejected');
    await expect(begun(rejected)).rejects.toThrow('as it was approved');
    await decided(asked.id, { id: record.id, name: 'Han Meimei' });
    await expect(begun(asked, 301)).rejects.toThrow('as it was approved');
    await expect(begun(asked, 300, 'another')).rejects.toThrow('as it was approved');
    await begun(asked);
  });

  it('holds one ask a number, of an amount above nothing', async () => {
    const { refundNo, number } = await waiting();
    const again = (fen: number, no: string) => test.connection.sql`
      insert into approvals (mchid, order_no, out_refund_no, amount_fen, body_hash, created_at, asked_by_key)
      select mchid, ${number}, ${no}, ${fen}, 'hash', now(), asked_by_key from approvals where out_refund_no = ${refundNo}`;
    await expect(again(1, refundNo)).rejects.toThrow('approvals_refund_key');
    await expect(again(0, 'S-none')).rejects.toThrow('approvals_amount_fen_range');
  });

  it('gives only operators a role or a limit, and no limit to who may only read', async () => {
    const may = (kind: 'merchant' | 'operator', change: Parameters<typeof test.newKey>[3]) =>
      test
        .newKey(kind, [MCHID], kind === 'operator' ? 'Li Lei' : null, change)
        .catch((error: unknown) => String(causeOf(error)));
    expect(await may('merchant', { role: 'readOnly' })).toContain('api_keys_only_operators_have_roles');
    expect(await may('merchant', { refundLimitFen: 1 })).toContain('api_keys_only_operators_are_limited');
    expect(await may('operator', { role: 'readOnly', refundLimitFen: 1 })).toContain(
      'api_keys_only_operators_are_limited',
    );
    expect(await may('operator', { refundLimitFen: -1 })).toContain('api_keys_refund_limit_fen_range');
  });
});

const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? error.cause : error;
