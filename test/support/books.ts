import { compareBooks, type Books } from '../../src/entries/demo/books.js';
import type { SandboxTrade } from '../../src/entries/demo/shop.js';
import type { OrderView } from '../../src/ingress/order-schema.js';
import type { Caller } from './caller.js';

/** WeChat Pay's books against PaySaga's, attempt by attempt, over everything the stack has ever seen. */
export async function booksOf({ api, control }: Pick<Caller, 'api' | 'control'>): Promise<Books> {
  const listed = await api<{ items: OrderView[]; nextCursor: string | null }>('GET', '/v1/orders?limit=200');
  if (listed.body.nextCursor !== null) throw new Error('more orders than one page');
  return compareBooks(await control<SandboxTrade[]>('GET', '/trades'), listed.body.items);
}
