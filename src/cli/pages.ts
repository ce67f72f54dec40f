import type { z } from 'zod';
import { parsed, type Api, type Query } from './api.js';
import { rawPage } from './answers.js';

const LARGEST_PAGE = 200;

/** What a list has, as the API says it: `nextCursor` is null when that is all. */
export type Listed = { readonly items: readonly unknown[]; readonly nextCursor: string | null };

/** The first `limit` of a list, or all of it, page by page. */
export async function listed(api: Api, path: string, query: Query, limit: number | 'all'): Promise<Listed> {
  const items: unknown[] = [];
  let cursor: string | null = null;
  do {
    const left = limit === 'all' ? LARGEST_PAGE : limit - items.length;
    const answer = await api.get(path, { ...query, limit: Math.min(left, LARGEST_PAGE), cursor: cursor ?? undefined });
    const page: z.infer<typeof rawPage> = parsed(rawPage, answer);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && (limit === 'all' || items.length < limit));
  return { items, nextCursor: cursor };
}
