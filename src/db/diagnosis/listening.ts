import { randomBytes } from 'node:crypto';
import type { Sql } from 'postgres';
import { guarded } from '../failure.js';

/** Whether what one connection notifies is heard by another within `timeoutMs`: not through a pooler that shares sessions. */
export async function hearsNotify(sql: Sql, timeoutMs: number): Promise<boolean> {
  const channel = `paysaga_doctor_${randomBytes(6).toString('hex')}`;
  let heard: () => void = () => undefined;
  const hearing = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const subscription = await guarded(() => sql.listen(channel, () => heard()));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    await guarded(() => sql.notify(channel, ''));
    return await Promise.race([hearing.then(() => true), late]);
  } finally {
    clearTimeout(timer);
    await subscription.unlisten();
  }
}
