import { compareBooks, type Books, readBooks } from '../../src/entries/demo/books.js';
import { openShop } from '../../src/entries/demo/shop.js';
import type { TestStack } from './dev-stack.js';

/** WeChat Pay's books against PaySaga's, attempt by attempt and refund by refund, over everything the stack has ever seen. */
export async function booksOf({ dev }: Pick<TestStack, 'dev'>): Promise<Books> {
  const { theirs, ours } = await readBooks(openShop(dev));
  return compareBooks(theirs, ours);
}
