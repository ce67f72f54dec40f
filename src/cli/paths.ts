/** Numbers of ours hold `*` and `@`. */
export const orderPath = (orderNo: string, call = ''): string => `/v1/orders/${encodeURIComponent(orderNo)}${call}`;

export const refundPath = (refundNo: string, call = ''): string => `/v1/refunds/${encodeURIComponent(refundNo)}${call}`;
