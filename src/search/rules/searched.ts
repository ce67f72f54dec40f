/** What is found by words. */
export const SEARCHED = ['order', 'refund'] as const;
export type Searched = (typeof SEARCHED)[number];
