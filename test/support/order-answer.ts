import type { z } from '@hono/zod-openapi';
import type { inboxRowSchema } from '../../src/inbox/api/inbox.js';
import type { OrderView } from '../../src/orders/api/order-schema.js';
import type { Problem } from '../../src/http/kit/problem.js';
import type { Explanation } from '../../src/orders/rules/explain/explain.js';

/** What any order call answers, read as loosely as a shop would: the order, or a problem, whichever fields it has. */
export type OrderAnswer = OrderView & {
  /** Of a problem. */
  readonly code?: Problem['code'];
  readonly gateway?: Problem['gateway'];
  /** Of a single order. */
  readonly evidence: readonly {
    readonly source: string;
    readonly outTradeNo: string;
    readonly transactionId: string;
  }[];
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly deliveredAt: string | null;
    readonly deliveries: readonly { readonly status: number }[];
  }[];
  readonly explain: Explanation;
  /** Of a list of the inbox. */
  readonly items: readonly z.infer<typeof inboxRowSchema>[];
};

/** What any refund call answers. */
export type RefundAnswer = {
  readonly refundNo: string;
  readonly state: string;
  readonly cause: string;
  readonly amountFen: number;
  readonly offline: boolean;
  readonly code?: string;
};
