/** Whether the address is of one of these origins. No other is ever linked to: an order's, too, is judged again when it is shown. */
export const leadsTo = (origins: readonly string[] = [], returnUrl: string): boolean =>
  URL.canParse(returnUrl) && origins.includes(new URL(returnUrl).origin);

/** What PaySaga adds to the address. */
export const RETURN_PREFIX = 'paysaga_';
