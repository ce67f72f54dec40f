type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

/** Every item of a list, page after page, each asked for when the one before is used up. */
export async function* itemsOf<Item>(
  pageAfter: (place: { readonly cursor?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let page = await pageAfter({});
  yield* page.items;
  while (page.nextCursor !== null) {
    page = await pageAfter({ cursor: page.nextCursor });
    yield* page.items;
  }
}
