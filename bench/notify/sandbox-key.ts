import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { merchantRowSchema } from '../../src/sandbox/identity/merchant.js';
import type { WechatPay } from './wechatpay.js';

const entries = z.array(z.tuple([z.string(), z.string(), z.unknown()]));

/** The sandbox's own half of a merchant's keys, out of the journal that it keeps below `home`. */
export async function wechatPayOf(home: string, mchid: string): Promise<WechatPay> {
  const journal = await readFile(join(home, 'sandbox', 'journal.jsonl'), 'utf8');
  const rows = journal
    .trimEnd()
    .split('\n')
    .flatMap((line) => entries.parse(JSON.parse(line)))
    .flatMap(([, id, row]) => (id === mchid ? (merchantRowSchema.safeParse(row).data ?? []) : []));
  const merchant = rows.at(-1);
  if (merchant === undefined) throw new Error('The sandbox has no such merchant');
  const { appid, apiV3Key, publicKeyId: serialNo, publicKeyPrivatePem } = merchant;
  return { mchid, appid, apiV3Key, serialNo, privateKey: createPrivateKey(publicKeyPrivatePem) };
}
