// Made from the API's document by `npm run client:types`.
export interface paths {
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find orders by any number: exactly this one
         * @description Of all merchants of the key, or of the one that `mchid` names.
         */
        get: operations["searchOrders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Orders, newest first; those that are paid, the newest payment first; those that are stuck, oldest first */
        get: operations["listOrders"];
        put?: never;
        /**
         * Create an order, or repeat a creation
         * @description The orderNo makes it safe to repeat: an equal body answers the same order, another one `order_conflict`. Waits up to 8 s for WeChat Pay; after that, while Temporal is away, and while somebody has to repair the configuration, 202: it goes on by itself. `codeScan` charges the payer at once: 201 `paid`; 202 `awaitingPayment` while the payer types the password or nobody knows yet (asked every 5 s, after 45 s reversed); 422 `charge_refused`, after which `POST …/attempts` takes the next code.
         */
        post: operations["createOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One order, its evidence, and what it is waiting for */
        get: operations["getOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that happened to an order, oldest first
         * @description Whoever says so: attempts, evidence, notifies, calls to WeChat Pay (the newest 500; `call.omitted` counts the rest), refunds, what the shop was told, and what people did, with the order before and after.
         */
        get: operations["getTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the payer pay in another way, or with a fresh code
         * @description Parameters equal to the open attempt re-enter it: the same outTradeNo, with a fresh code if the old one has less than 60 s left. Others close the open attempt first, and open a new number only when it is confirmed closed. Of a merchant on API v2 no attempt can be closed in the first 5 minutes after its prepay: until then the call is answered 409 `close_too_early`, records nothing, and `Retry-After` says in how many seconds to repeat it.
         */
        post: operations["openAttempt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The payer came back: ask WeChat Pay now
         * @description At most one query per 5 s and order, else the last answer.
         */
        post: operations["syncOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close an order nobody should pay any more
         * @description Asks WeChat Pay, closes, and asks again. A payment that arrives meanwhile wins.
         */
        post: operations["closeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/fulfilment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say whether the goods of a paid order are delivered
         * @description For an order whose policy requires it. `rejected` gives back what was paid and is not back yet. What is said first stands.
         */
        post: operations["reportFulfilment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow an order's changes
         * @description Server-sent events named `order`: the current state first, then one per change; the id is `version`, the data the order. With `Last-Event-ID` the first is left out if it is known. A comment comes every 15 s. A key may have 1,024 streams open at one ingress, those of events included; one more is answered 429 `rate_limited` with `Retry-After`.
         */
        get: operations["streamOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Refunds, newest first: the shop's, PaySaga's own and those that somebody else made
         * @description In the order of one kind of times, the one that is asked about: of creation unless told, and always with `q`. `state` goes with times of creation, and beside it either `cause` or `amountFen`; where a `q` or an `orderNo` is given, everything goes together.
         */
        get: operations["listRefunds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give money of a paid order back, or repeat a refund
         * @description The refundNo makes it safe to repeat: an equal body answers the same refund, another one `refund_conflict`. The money is held at once; WeChat Pay is asked afterwards, and the refund ends by itself. Up to 50 refunds of one payment, within 365 days. Where the merchant has set `approval`, a refund that brings what was asked for without an approval above its sum is answered 202, `approval_pending`: it holds no money and begins once another person approves it.
         */
        post: operations["createRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refunds/{refundNo}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One refund, the shop's or PaySaga's own */
        get: operations["getRefund"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Refunds that need the approval of another person, newest first
         * @description Also those that were decided. A merchant key may read them; an operator decides.
         */
        get: operations["listApprovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of them */
        get: operations["getApproval"];
        put?: never;
        /**
         * Approve a refund that waits, or reject it
         * @description By another person than who asked: neither the same key nor the same name (`own_approval`). `approve` begins the refund as if it was asked for now, and all is looked at again; where that is refused it still waits. `reject` ends it for good. The same decision again changes nothing, the other one is `approval_final`.
         */
        post: operations["decideApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/recheck": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask WeChat Pay about everything that is not settled
         * @description Starts the order again if its workflow has ended, and with it the refunds that are under way. The answer is the order as it stands; what WeChat Pay says shows as changes.
         */
        post: operations["recheckOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move the order's deadline
         * @description Until at most 7 days after creation. Moves PaySaga's deadline, not WeChat Pay's `time_expire` of a code that was handed out.
         */
        post: operations["extendOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide what only a person may decide
         * @description For an order in `review`, or one that is stuck on money. WeChat Pay is asked about all of it first. `accept` takes the money that is there, whatever its amount; `return` gives back what is left of it; `close` ends an order without money. Of a trade in REFUND that no known refund explains, WeChat Pay says no sum: enter the refund first (`external-refunds`), until then only `close` applies, and the order ends `cancelled`.
         */
        post: operations["resolveOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/rescue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let an order go on whose workflow cannot
         * @description Ends the run that fails its task or that no worker takes, and starts the order again from its rows; with it its refunds that stand still. Nothing that is known or was asked for is lost.
         */
        post: operations["rescueOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{orderNo}/external-refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Book a refund that somebody else made at WeChat Pay
         * @description For a refund made in the merchant platform or by another system, of which no notify came. WeChat Pay is asked about it by its number; what it says becomes a refund with `cause: external`, which leaves less for PaySaga to give back. Where the shop or PaySaga asked for a refund under the same number with other terms, that one becomes it: the shop is told `refund.rejected` of what was asked for, and the rest of one of PaySaga's own goes back under its next number. If WeChat Pay knows the number as that of another payment, a refund of this order under it ends, and its money is free.
         */
        post: operations["recordExternalRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refunds/{refundNo}/rescue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a refund go on whose workflow cannot
         * @description Ends the run that cannot go on and starts the refund again from its row, under the same number.
         */
        post: operations["rescueRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/refunds/{refundNo}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide what becomes of a refund that does not end by itself
         * @description WeChat Pay is asked first: it has to confirm what the decision is based on. `abnormalRefund` sends an `abnormal` one to the payer's bank card, or without `card` to the merchant's own, from which the merchant pays the payer; `paidOffline` ends it as paid back outside WeChat Pay, or, where it is one of PaySaga's own that was `rejected` or `closed`, makes a successor that is `succeeded` and `offline` and never sent; `reissue` makes the successor of one of PaySaga's own that was `rejected` or `closed`.
         */
        post: operations["resolveRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the shop is told, in the order in which it was written
         * @description Of orders, refunds and days; also where the shop has no endpoint. An event shows once none can appear before it any more, so whoever goes on after the last one misses none.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow what the shop is told
         * @description Server-sent events named `event`, one for each as it is written, with what `GET /v1/events` has of it; the id is the event’s. It begins with what is written from now on; `Last-Event-ID` goes on after that event, none left out and none twice. The first block is an `id` without data: after which event it begins, or `start`. A later delivery is not told. A comment comes every 15 s. A key may have 1,024 streams open at one ingress, those of orders included; one more is answered 429 `rate_limited` with `Retry-After`.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the shop a test event
         * @description Signed and sent to the merchant’s endpoint as every event, once: `{"type":"test","timestamp":…,"data":{}}`. It is no event of the merchant’s and is not kept. Answers what came back, within 10 s. Five at once, then one every 5 s.
         */
        post: operations["sendTestEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell the shop again
         * @description Also what was delivered: the same event under the same id, tried from the beginning of the schedule. The answer is the event as it stands; deliveries show as they happen.
         */
        post: operations["resendEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Verified notifies, newest first, and what became of them */
        get: operations["listInbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox/{id}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell the order or the refund again what a notify says
         * @description Safe to repeat: money that is settled stays as it is, and the row becomes `duplicate`. What is `unsupported` is read again, and delivered if this version handles it.
         */
        post: operations["redriveInbox"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The latest bulks, newest first */
        get: operations["listBulks"];
        put?: never;
        /**
         * Hold, release, recheck or extend many orders
         * @description Which orders is settled when it is taken, the oldest first. `hold`, `release` and `extend` take orders that can still be paid; an
         *     order named in `orderNos` is taken whatever its state, and fails with its code where nothing can be moved. They are done one after the
         *     other, about 20 a second. Begin with `dryRun`: it tells how many and how much, and does nothing.
         */
        post: operations["startBulk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bulk/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a bulk is */
        get: operations["getBulk"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Days and whether our books and WeChat Pay's bills agree, the latest first
         * @description A day that no run was ever begun for is not listed.
         */
        get: operations["listReconciliations"];
        put?: never;
        /**
         * Reconcile a day now, or once more
         * @description Days are reconciled by themselves from 10:05 on. The same day again fetches its bills, matches them and asks about what differs once more; what a person decided stays. A run under way that waits goes on at once. Operators only.
         */
        post: operations["runReconciliation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{date}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A day: its bills, both sides by class, and what is open */
        get: operations["getReconciliation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{date}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The lines of a day, by class
         * @description Lines of the trade bill with what our books have of them, and what our books have and no bill. Without `class` each class follows the other, and what is of several is listed in each. No amount has a sign: `subject` says which way the money went. The file has all of them, refunds below zero; `limit` is that of a page of JSON.
         */
        get: operations["listReconciliationLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reconciliations/{date}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the shop was told of a day, the latest first
         * @description `reconciliation.completed` of each run, and each `discrepancy.opened`; the newest 200 with their deliveries. An operator sends one again by its id.
         */
        get: operations["listReconciliationEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/discrepancies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where our books and WeChat Pay's bills disagree, the latest day first */
        get: operations["listDiscrepancies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/discrepancies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One discrepancy */
        get: operations["getDiscrepancy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/discrepancies/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide about a discrepancy, or have it looked at again
         * @description `accept`: it stays as it is. `resolve`: it was put right elsewhere. Neither moves money, and both are final. `recheck` has its order or refund ask WeChat Pay, where one here can, and runs the day again: it is `repaired` where both sides then agree. Operators only.
         */
        post: operations["resolveDiscrepancy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Takings by day, month, product or appid
         * @description From PaySaga's own books as they stand now. `paidFen` is what `GET /v1/orders?paidFrom=&paidTo=` lists of the same days, `refundedFen` and `returnedFen` together what `GET /v1/refunds?acceptedFrom=&acceptedTo=` lists, less the `closed` ones. Fees and settlement follow once the days are reconciled.
         */
        get: operations["getStatement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        OrderPaidEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.paid";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["OrderPaidEventData"];
        };
        OrderPaidEventData: {
            order: components["schemas"]["OrderTold"];
            /**
             * @description The shop was told before that the order is closed; the money was accepted.
             * @enum {boolean}
             */
            late?: true;
        };
        /** @description The order as it was at the event, without what lets anybody pay. */
        OrderTold: {
            orderNo: string;
            mchid: string;
            /** @description Grows with every visible change; the id of stream events. */
            version: number;
            state: components["schemas"]["OrderState"];
            closedReason: components["schemas"]["ClosedReason"] | null;
            reviewReason: components["schemas"]["ReviewReason"] | null;
            /** @description A close is under way, and what it ends in unless money is found. */
            ending: components["schemas"]["Ending"] | null;
            stuckReason: components["schemas"]["StuckReason"] | null;
            amountFen: number;
            /** @enum {string} */
            currency: "CNY";
            paidFen: number;
            /** @description Paid less coupons; `null` for a payer in another currency. */
            payerFen: number | null;
            /** @description Of the attempt that made it paid, as is all of what follows. */
            payer: components["schemas"]["OrderPayer"] | null;
            tradeType: string | null;
            payerCurrency: string | null;
            /** @description In the smallest unit of the payer's currency. */
            payerAmount: number | null;
            coupons: components["schemas"]["Coupon"][];
            /** @description How many more coupons WeChat Pay named: `coupons` holds those it could read of the first 20. What all of them gave is `paidFen` less `payerFen`. */
            couponsLeftOut: number;
            refundedFen: number;
            refundingFen: number;
            returnedFen: number;
            fulfilment: components["schemas"]["FulfilmentState"];
            description: string;
            attach: string | null;
            metadata: components["schemas"]["Metadata"] | null;
            returnUrl: string | null;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            paidAt: string | null;
            /** Format: date-time */
            closedAt: string | null;
            /** @description In the order in which they were asked for. */
            refunds: components["schemas"]["RefundOfOrder"][];
            attempts: components["schemas"]["AttemptTold"][];
        };
        OrderPayer: {
            openid: string | null;
            bankType: string | null;
        };
        Coupon: {
            couponId: string | null;
            name: string | null;
            scope: string | null;
            type: string | null;
            amountFen: number | null;
        };
        Metadata: {
            [key: string]: unknown;
        };
        RefundOfOrder: {
            refundNo: string;
            outTradeNo: string;
            amountFen: number;
            state: components["schemas"]["RefundState"];
            cause: components["schemas"]["RefundCause"];
            reason: string | null;
            /** @description WeChat Pay's number. */
            refundId: string | null;
            channel: string | null;
            /** @description Where the money went, as WeChat Pay puts it. */
            receivedAccount: string | null;
            /** Format: date-time */
            acceptedAt: string | null;
            gateway: components["schemas"]["GatewayRefusal"] | null;
        };
        /** @description What WeChat Pay answered last in place of what it was asked for, in its own words. Of an attempt, a prepay or a close; of a refund, an apply. A refusal is not displaced by an answer that leaves open what became of the call (5xx, 429, no code). */
        GatewayRefusal: {
            status: number;
            /** @description WeChat Pay's own; `null` where the answer has none, as a proxy's page or one that is not proven to be WeChat Pay's. */
            code: string | null;
            message: string;
            detail: components["schemas"]["GatewayRefusalDetail"] | null;
        };
        GatewayRefusalDetail: {
            field: string | null;
            issue: string | null;
        };
        AttemptTold: {
            outTradeNo: string;
            product: components["schemas"]["Product"];
            state: components["schemas"]["AttemptState"];
            /** Format: date-time */
            codeExpiresAt: string | null;
            transactionId: string | null;
            /** @description What a query confirmed at WeChat Pay, whatever the order's state. */
            paidFen: number;
            refundedFen: number;
            refundingFen: number;
            gateway: components["schemas"]["GatewayRefusal"] | null;
        };
        OrderClosedEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.closed";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["OrderEventData"];
        };
        OrderEventData: {
            order: components["schemas"]["OrderTold"];
        };
        OrderReviewEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.review";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["OrderEventData"];
        };
        OrderCompensatingEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.compensating";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["OrderEventData"];
        };
        RefundSucceededEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refund.succeeded";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["RefundEventData"];
        };
        RefundEventData: {
            order: components["schemas"]["OrderTold"];
            refund: components["schemas"]["Refund"];
        };
        Refund: {
            refundNo: string;
            orderNo: string;
            mchid: string;
            /** @description The attempt whose money goes back. */
            outTradeNo: string;
            amountFen: number;
            /** @description Final are `succeeded`, and `rejected` and `closed`, after which the money is free again. */
            state: components["schemas"]["RefundState"];
            cause: components["schemas"]["RefundCause"];
            reason: string | null;
            /** @description WeChat Pay's number. */
            refundId: string | null;
            channel: string | null;
            /** @description Where the money went, as WeChat Pay puts it. */
            receivedAccount: string | null;
            /** Format: date-time */
            acceptedAt: string | null;
            gateway: components["schemas"]["GatewayRefusal"] | null;
            /** @description Paid back outside WeChat Pay, as an operator said. */
            offline: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            succeededAt: string | null;
        };
        RefundRejectedEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refund.rejected";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["RefundEventData"];
        };
        RefundClosedEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refund.closed";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["RefundEventData"];
        };
        RefundAbnormalEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "refund.abnormal";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["RefundEventData"];
        };
        ReconciliationCompletedEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "reconciliation.completed";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["ReconciliationEventData"];
        };
        ReconciliationEventData: {
            reconciliation: components["schemas"]["ReconciliationTold"];
        };
        /** @description The day as it was when its run ended. */
        ReconciliationTold: {
            /**
             * Format: date
             * @example 2026-03-01
             */
            date: string;
            mchid: string;
            /** @description `waiting`: a run is under way. `empty`: no line, and nothing of ours. `balanced`: nothing is open. `differs`: a discrepancy is open, or there is no bill of a day on which we took money. `failed`: no bill that can be trusted. */
            state: components["schemas"]["DayState"];
            /** @description The same day again is a new run over the same rows. */
            run: number;
            failure: components["schemas"]["DayFailure"] | null;
            waitsFor: components["schemas"]["DayWait"] | null;
            /** Format: date-time */
            waitingSince: string | null;
            /**
             * Format: date-time
             * @description Since when the workflow of its run cannot go on: run the day again once that is mended.
             */
            stalledSince: string | null;
            /**
             * Format: date-time
             * @description When it is asked for, or looked at, again.
             */
            nextAt: string | null;
            /** Format: date-time */
            startedAt: string;
            /**
             * Format: date-time
             * @description Of the last run; `null` while one is under way.
             */
            finishedAt: string | null;
            /** @description Those that were asked for, the trade bill first. */
            bills: components["schemas"]["Bill"][];
            /** @description Both sides of the day by class; what is of several classes counts in each. */
            classes: components["schemas"]["ReconciliationClass"][];
            /** @description As the trade bill sums them up; negative where more was given back than taken. */
            feesFen: number | null;
            openDiscrepancies: number;
        };
        Bill: {
            kind: components["schemas"]["BillKind"];
            /**
             * @description `none`: WeChat Pay says that nothing moved. `untrusted`: nothing of the file counts.
             * @enum {string}
             */
            state: "waiting" | "importing" | "imported" | "none" | "untrusted";
            /** @description Why it is `untrusted`: another file than was announced, one that cannot be read, or that contradicts its own summary; `refused`: WeChat Pay gives this merchant none. Of an `imported` one: why the file that was to take its place was not trusted; what was imported stays. */
            distrust: components["schemas"]["BillDistrust"] | null;
            /**
             * @description More of `distrust`: the line and column that do not fit, the figure that does not add up, the code of a refusal.
             * @example line 12: bad_value (订单金额)
             */
            distrustWhy: string | null;
            /** @description Of the unzipped file, as WeChat Pay announced it. */
            sha1: string | null;
            lines: number;
            /**
             * Format: date-time
             * @description When WeChat Pay last gave it: a run that is offered the very file that is imported (the same `sha1`) counts, one whose file is not taken does not.
             */
            fetchedAt: string | null;
        };
        ReconciliationClass: {
            class: components["schemas"]["LineClass"];
            subject: components["schemas"]["LineSubject"];
            /** @description Else it is counted and needs nobody. */
            isDiscrepancy: boolean;
            count: number;
            /** @description What the bill says of them. */
            billFen: number;
            /** @description What our books say of them. */
            ownFen: number;
        };
        DiscrepancyOpenedEvent: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "discrepancy.opened";
            /** Format: date-time */
            timestamp: string;
            data: components["schemas"]["DiscrepancyEventData"];
        };
        DiscrepancyEventData: {
            discrepancy: components["schemas"]["Discrepancy"];
        };
        Discrepancy: {
            id: string;
            mchid: string;
            /**
             * Format: date
             * @description The day it is of.
             * @example 2026-03-01
             */
            date: string;
            class: components["schemas"]["DiscrepancyClass"];
            subject: components["schemas"]["LineSubject"];
            /** @description `repaired`: both sides say the same since. `accepted` and `resolved` are a person's word about these figures, and stay; other figures are another discrepancy. */
            status: components["schemas"]["DiscrepancyStatus"];
            /** @description The bill that has the line; `null`: none has. */
            bill: components["schemas"]["BillKind"] | null;
            lineNo: number | null;
            orderNo: string | null;
            outTradeNo: string | null;
            transactionId: string | null;
            refundNo: string | null;
            refundId: string | null;
            /** @description What the bill says; `null`: nothing. */
            billFen: number | null;
            /** @description What our books say, of a line of the fund-flow bill what the trade bill says; `null`: nothing. */
            ownFen: number | null;
            /**
             * @description What else each side says, by field.
             * @example {
             *       "appid": {
             *         "bill": "wx0000000000000001",
             *         "own": "wx0000000000000002"
             *       }
             *     }
             */
            differences: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description Its age counts from here.
             */
            openedAt: string;
            /** Format: date-time */
            closedAt: string | null;
            /** @description What closed it without a person. */
            repairedBy: components["schemas"]["Repair"] | null;
            /** @description The operator key that decided. */
            closedBy: string | null;
            reason: string | null;
            /** @description The operator key that last had WeChat Pay asked again. */
            recheckedBy: string | null;
            recheckReason: string | null;
            /** Format: date-time */
            recheckedAt: string | null;
        };
        WebhookEvent: components["schemas"]["OrderPaidEvent"] | components["schemas"]["OrderClosedEvent"] | components["schemas"]["OrderReviewEvent"] | components["schemas"]["OrderCompensatingEvent"] | components["schemas"]["RefundSucceededEvent"] | components["schemas"]["RefundRejectedEvent"] | components["schemas"]["RefundClosedEvent"] | components["schemas"]["RefundAbnormalEvent"] | components["schemas"]["ReconciliationCompletedEvent"] | components["schemas"]["DiscrepancyOpenedEvent"];
        Health: {
            /** @enum {string} */
            status: "ok";
        };
        Problem: {
            /** @example urn:paysaga:error:order_conflict */
            type: string;
            title: string;
            status: number;
            code: components["schemas"]["ErrorCode"];
            detail: string;
            requestId: string;
            /** @description WeChat Pay's own answer; only with `prepay_refused` and `charge_refused`. */
            gateway?: components["schemas"]["GatewayRefusal"] | null;
        };
        Readiness: {
            /** @enum {string} */
            status: "ready" | "degraded" | "unavailable";
            dependencies: {
                [key: string]: "ok" | "unreachable";
            };
        };
        NotifyFailure: {
            /** @enum {string} */
            code: "FAIL";
            message: string;
        };
        SearchResult: {
            items: components["schemas"]["SearchHit"][];
        };
        SearchHit: {
            /**
             * @description Whose number it is: the order's, a later attempt's `outTradeNo`, WeChat Pay's transaction, a refund's `outRefundNo`, WeChat Pay's `refund_id`.
             * @enum {string}
             */
            found: "order" | "attempt" | "transaction" | "refund" | "wechatRefund";
            mchid: string;
            orderNo: string;
            number: string;
        };
        Order: {
            orderNo: string;
            mchid: string;
            /** @description Grows with every visible change; the id of stream events. */
            version: number;
            state: components["schemas"]["OrderState"];
            closedReason: components["schemas"]["ClosedReason"] | null;
            reviewReason: components["schemas"]["ReviewReason"] | null;
            /** @description A close is under way, and what it ends in unless money is found. */
            ending: components["schemas"]["Ending"] | null;
            stuckReason: components["schemas"]["StuckReason"] | null;
            amountFen: number;
            /** @enum {string} */
            currency: "CNY";
            paidFen: number;
            /** @description Paid less coupons; `null` for a payer in another currency. */
            payerFen: number | null;
            /** @description Of the attempt that made it paid, as is all of what follows. */
            payer: components["schemas"]["OrderPayer"] | null;
            tradeType: string | null;
            payerCurrency: string | null;
            /** @description In the smallest unit of the payer's currency. */
            payerAmount: number | null;
            coupons: components["schemas"]["Coupon"][];
            /** @description How many more coupons WeChat Pay named: `coupons` holds those it could read of the first 20. What all of them gave is `paidFen` less `payerFen`. */
            couponsLeftOut: number;
            refundedFen: number;
            refundingFen: number;
            returnedFen: number;
            fulfilment: components["schemas"]["FulfilmentState"];
            description: string;
            attach: string | null;
            metadata: components["schemas"]["Metadata"] | null;
            returnUrl: string | null;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            paidAt: string | null;
            /** Format: date-time */
            closedAt: string | null;
            checkoutUrl: string;
            attempts: components["schemas"]["Attempt"][];
            /** @description In the order in which they were asked for. */
            refunds: components["schemas"]["RefundOfOrder"][];
        };
        Attempt: {
            outTradeNo: string;
            product: components["schemas"]["Product"];
            state: components["schemas"]["AttemptState"];
            /** @description What a `native` payer scans. */
            codeUrl: string | null;
            prepayId: string | null;
            h5Url: string | null;
            /** @description Signed parameters for `jsapi`, `miniProgram` and `app`, fresh in each answer; only while open. */
            invoke: components["schemas"]["Invoke"] | null;
            /** Format: date-time */
            codeExpiresAt: string | null;
            transactionId: string | null;
            /** @description What a query confirmed at WeChat Pay, whatever the order's state. */
            paidFen: number;
            refundedFen: number;
            refundingFen: number;
            gateway: components["schemas"]["GatewayRefusal"] | null;
        };
        Invoke: {
            [key: string]: string;
        };
        CreateOrder: {
            /** @description The shop's own number: 6 to 32 characters, each a letter, a digit, `-` or `_`; upper and lower case are two numbers. Unique per mchid, and what makes a repeat safe. At WeChat Pay it is the first `outTradeNo`, so it is never used again, not even after the order was closed. */
            orderNo: string;
            /** @description Fen, 1/100 yuan. */
            amountFen: number;
            /** @description At most 127 bytes of UTF-8. */
            description: string;
            product: components["schemas"]["Product"];
            /** @description One of the merchant's appids for this product; default: the first, always. */
            appid?: string;
            payer?: components["schemas"]["Payer"];
            device?: components["schemas"]["Device"];
            store?: components["schemas"]["Store"];
            /** @description The payer's own address, IPv4 or IPv6 (`::ffff:203.0.113.9` is `203.0.113.9`), sent wherever WeChat Pay takes it. Required for `h5` and with `sceneInfo`; must be a public one where the merchant's gateway is WeChat Pay. */
            clientIp?: string;
            /** @description For `h5`; default `Wap`. */
            h5Type?: components["schemas"]["H5Type"];
            sceneInfo?: components["schemas"]["SceneInfo"];
            /** @description Default: 7200. */
            expiresInSeconds?: number;
            /** @description At most 128 bytes of UTF-8; of a merchant on API v2, 127. */
            attach?: string;
            /** @description Any JSON object, at most 4096 bytes; returned as it is, its keys perhaps in another order. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description The tag that WeChat Pay's coupons ask for. */
            goodsTag?: string;
            /** @description The goods, for WeChat Pay's coupons on single goods; API v2 takes 6,000 bytes of it. */
            detail?: {
                /** @description The price before discounts, fen. */
                costPriceFen?: number;
                /** @description At most 32 bytes of UTF-8. */
                invoiceId?: string;
                goodsDetail?: {
                    merchantGoodsId: string;
                    /** @description At most 32 bytes of UTF-8. */
                    wechatpayGoodsId?: string;
                    /** @description At most 256 bytes of UTF-8. */
                    goodsName?: string;
                    quantity: number;
                    /** @description Fen, 1/100 yuan. */
                    unitPriceFen: number;
                }[];
            };
            /** @description Ways to pay that are excluded (`no_credit`: credit cards), or `balance_only`. API v2 takes `no_credit` alone; WeChat Pay no longer documents the others. */
            limitPay?: ("no_balance" | "no_credit" | "no_debit" | "balance_only")[];
            /** @description Shows the entry to an electronic invoice in the payer's receipt. */
            supportFapiao?: boolean;
            /** @description Where the checkout page leads the payer back to, by a link: `https` (`http` on loopback only), at most 512 bytes, of an origin that the merchants file lists in `returnOrigins`. Order number and state are added, signed, as hints: see the shop's guide. */
            returnUrl?: string;
            policy?: components["schemas"]["Policy"];
        };
        /** @description `openid` is required for `jsapi` and `miniProgram`, `authCode` for `codeScan`. */
        Payer: {
            /** @description At most 128 bytes of UTF-8. */
            openid?: string;
            /** @description The payer's code, as scanned: charged once, then forgotten. */
            authCode?: string;
            identity?: components["schemas"]["PayerIdentity"];
        };
        /** @description Who alone may pay, by document, as `IDCARD`: for `native`, `app` and `h5` over API v3, where WeChat Pay has opened it for the merchant. Number and name are encrypted with WeChat Pay's key before they are kept. */
        PayerIdentity: {
            /** @description At most 32 bytes of UTF-8. */
            type: string;
            /** @description At most 64 bytes of UTF-8. */
            number: string;
            /** @description At most 120 bytes of UTF-8. */
            name: string;
        };
        /** @description For `codeScan`, where it is required: the till, with the shop's own address. */
        Device: {
            /** @description At most 32 bytes of UTF-8. */
            id?: string;
            /** @description IPv4 or IPv6. */
            ip: string;
        };
        /** @description For `codeScan`, where it is required: WeChat Pay's number of the store, or the merchant's own. */
        Store: components["schemas"]["StoreById"] | components["schemas"]["StoreByOutId"];
        StoreById: {
            id: string;
        };
        StoreByOutId: {
            /** @description At most 32 bytes of UTF-8. */
            outId: string;
        };
        /** @description Where the payer buys: device, store, page or app. WeChat Pay takes it with `clientIp` alone. `codeScan` has `device` and `store` in its place. */
        SceneInfo: {
            /** @description At most 32 bytes of UTF-8. */
            deviceId?: string;
            storeInfo?: {
                /** @description At most 32 bytes of UTF-8. */
                id: string;
                /** @description At most 256 bytes of UTF-8. */
                name?: string;
                areaCode?: string;
                /** @description At most 512 bytes of UTF-8. */
                address?: string;
            };
            /** @description For `h5`: the page or the app that the payer comes from. */
            h5Info?: {
                /** @description At most 64 bytes of UTF-8. */
                appName?: string;
                /** @description At most 128 bytes of UTF-8. */
                appUrl?: string;
                /** @description At most 128 bytes of UTF-8. */
                bundleId?: string;
                /** @description At most 128 bytes of UTF-8. */
                packageName?: string;
            };
        };
        Policy: {
            /**
             * @description What becomes of money that arrives after the order was closed: it goes back, the order becomes paid after all, or a person decides.
             * @enum {string}
             */
            latePayment?: "refund" | "accept" | "review";
            fulfilment?: components["schemas"]["FulfilmentPolicy"];
        };
        /** @description Whether the shop says, by `POST …/fulfilment`, that the goods of a paid order are delivered. If it rejects them, or was told and says nothing until the deadline, the money goes back, or a person decides. */
        FulfilmentPolicy: {
            required: boolean;
            /** @description From when the shop was told that the order is paid. Needed for `required: true`. */
            deadlineSeconds?: number;
            /**
             * @description Default `refund`.
             * @enum {string}
             */
            onDeadline?: "refund" | "review";
        };
        OrderPage: {
            items: components["schemas"]["Order"][];
            nextCursor: string | null;
        };
        OrderDetail: {
            orderNo: string;
            mchid: string;
            /** @description Grows with every visible change; the id of stream events. */
            version: number;
            state: components["schemas"]["OrderState"];
            closedReason: components["schemas"]["ClosedReason"] | null;
            reviewReason: components["schemas"]["ReviewReason"] | null;
            /** @description A close is under way, and what it ends in unless money is found. */
            ending: components["schemas"]["Ending"] | null;
            stuckReason: components["schemas"]["StuckReason"] | null;
            amountFen: number;
            /** @enum {string} */
            currency: "CNY";
            paidFen: number;
            /** @description Paid less coupons; `null` for a payer in another currency. */
            payerFen: number | null;
            /** @description Of the attempt that made it paid, as is all of what follows. */
            payer: components["schemas"]["OrderPayer"] | null;
            tradeType: string | null;
            payerCurrency: string | null;
            /** @description In the smallest unit of the payer's currency. */
            payerAmount: number | null;
            coupons: components["schemas"]["Coupon"][];
            /** @description How many more coupons WeChat Pay named: `coupons` holds those it could read of the first 20. What all of them gave is `paidFen` less `payerFen`. */
            couponsLeftOut: number;
            refundedFen: number;
            refundingFen: number;
            returnedFen: number;
            fulfilment: components["schemas"]["FulfilmentState"];
            description: string;
            attach: string | null;
            metadata: components["schemas"]["Metadata"] | null;
            returnUrl: string | null;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            paidAt: string | null;
            /** Format: date-time */
            closedAt: string | null;
            checkoutUrl: string;
            attempts: components["schemas"]["Attempt"][];
            /** @description In the order in which they were asked for. */
            refunds: components["schemas"]["RefundOfOrder"][];
            /** @description Each fact about money, and who said it. */
            evidence: components["schemas"]["Evidence"][];
            /** @description What the shop was told or is to be told, oldest first. */
            events: components["schemas"]["MerchantEvent"][];
            explain: components["schemas"]["Explanation"];
        };
        Evidence: {
            id: string;
            /** @enum {string} */
            source: "notify" | "query" | "bill";
            outTradeNo: string;
            transactionId: string;
            amountFen: number;
            /** Format: date-time */
            at: string;
        };
        MerchantEvent: {
            /** @description The `webhook-id` of every delivery. */
            id: string;
            type: components["schemas"]["MerchantEventType"];
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the shop first answered 2xx.
             */
            deliveredAt: string | null;
            deliveries: components["schemas"]["Delivery"][];
        };
        Delivery: {
            /** Format: date-time */
            at: string;
            /** @description HTTP status; 0 when none came back. */
            status: number;
            /** @description `delivered`, or why not, in a word. */
            outcome: string;
        };
        /** @description What the order waits for, since when, what comes next, and who can act. */
        Explanation: {
            waitingFor: string;
            /** Format: date-time */
            since: string;
            nextStep: string;
            /** Format: date-time */
            nextAt: string | null;
            attempts: number;
            lastAnswer: components["schemas"]["LastAnswer"] | null;
            /** @enum {string} */
            actor: "nobody" | "payer" | "shop" | "operator" | "wechat";
            commands: string[];
            text: components["schemas"]["BothLanguages"];
        };
        LastAnswer: {
            api: string;
            /** Format: date-time */
            at: string;
            outcome: string;
            gateway: components["schemas"]["GatewayRefusal"] | null;
        };
        BothLanguages: {
            zh: string;
            en: string;
        };
        Timeline: {
            items: components["schemas"]["TimelineEntry"][];
        };
        TimelineEntry: {
            /**
             * Format: date-time
             * @description When PaySaga knew it, by Postgres's clock; a call when it was answered. Never before the entry above.
             */
            at: string;
            /**
             * Format: date-time
             * @description When it happened, by WeChat Pay's clock.
             */
            wechatAt: string | null;
            /**
             * @description Who says that it happened.
             * @enum {string}
             */
            source: "paysaga" | "notify" | "gateway" | "shop" | "person";
            /** @example call.query */
            kind: string;
            /** @description The number or id it is about. */
            subject: string;
            /** @description What came of it, in a word. */
            outcome: string | null;
            amountFen: number | null;
            /** @description Who asked: the name and the id of the key. */
            by: string | null;
            /** @description Why it was asked for, or what WeChat Pay said when it refused. */
            reason: string | null;
            /** @description Of what a person asked: the order at that moment. */
            before: components["schemas"]["OrderSnapshot"] | null;
            /** @description And when it was answered; null until then. */
            after: components["schemas"]["OrderSnapshot"] | null;
            /** @description What was decided or answered beside it; of a refusal its code and parameter. */
            detail: string | null;
            gateway: components["schemas"]["GatewayRefusal"] | null;
            /** @description Of a call or a delivery. */
            durationMs: number | null;
            /** @description How often a notify came; how many calls are left out. */
            count: number | null;
        };
        /** @description The order as it stood, and the refund or event that was about. */
        OrderSnapshot: {
            /** @description Grows with every visible change; the id of stream events. */
            version: number;
            state: components["schemas"]["OrderState"];
            closedReason: components["schemas"]["ClosedReason"] | null;
            reviewReason: components["schemas"]["ReviewReason"] | null;
            stuckReason: components["schemas"]["StuckReason"] | null;
            fulfilment: components["schemas"]["FulfilmentState"];
            /** Format: date-time */
            expiresAt: string;
            paidFen: number;
            refundingFen: number;
            refundedFen: number;
            returnedFen: number;
            refund: components["schemas"]["SnapshotRefund"] | null;
            event: components["schemas"]["SnapshotEvent"] | null;
        };
        SnapshotRefund: {
            refundNo: string;
            state: components["schemas"]["RefundState"];
        };
        SnapshotEvent: {
            id: string;
            status: components["schemas"]["EventStatus"];
        };
        OpenAttempt: {
            product: components["schemas"]["Product"];
            /** @description One of the merchant's appids for this product; default: the first, always. */
            appid?: string;
            payer?: components["schemas"]["Payer"];
            device?: components["schemas"]["Device"];
            store?: components["schemas"]["Store"];
            /** @description The payer's own address, IPv4 or IPv6 (`::ffff:203.0.113.9` is `203.0.113.9`), sent wherever WeChat Pay takes it. Required for `h5` and with `sceneInfo`; must be a public one where the merchant's gateway is WeChat Pay. */
            clientIp?: string;
            /** @description For `h5`; default `Wap`. */
            h5Type?: components["schemas"]["H5Type"];
            sceneInfo?: components["schemas"]["SceneInfo"];
            /** @description The same key always means the same attempt. */
            attemptKey?: string;
        };
        CloseOrder: {
            /** @description Why; kept with the name of the key. */
            reason?: string;
        };
        ReportFulfilment: {
            /** @enum {string} */
            outcome: "fulfilled" | "rejected";
            /** @description Why; kept with the name of the key. */
            reason?: string;
        };
        RefundPage: {
            items: components["schemas"]["Refund"][];
            nextCursor: string | null;
        };
        /** @description A refund that is not begun: another person has to approve it, or rejected it. */
        WithheldRefund: {
            refundNo: string;
            orderNo: string;
            mchid: string;
            amountFen: number;
            /**
             * @description Nothing went back and nothing is held. After `approval_rejected` the number is used up.
             * @enum {string}
             */
            state: "approval_pending" | "approval_rejected";
            reason: string | null;
            /** @description As `GET /v1/approvals` lists it. */
            approvalId: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            decidedAt: string | null;
        };
        CreateRefund: {
            /** @description The shop's own number: 1 to 64 characters, each a letter, a digit, `-` or `_`. Unique per mchid, and what makes a repeat safe. */
            refundNo: string;
            /** @description Fen, 1/100 yuan. */
            amountFen: number;
            /** @description Shown to the payer by WeChat Pay; at most 80 bytes of UTF-8. */
            reason?: string;
            /**
             * @description The account that pays it: `AVAILABLE`, or `UNSETTLED` for what has not been settled yet. Default: as WeChat Pay chooses.
             * @enum {string}
             */
            fundsAccount?: "AVAILABLE" | "UNSETTLED";
            /** @description What goes back of the sale's `detail`; API v2 takes none. */
            goodsDetail?: {
                merchantGoodsId: string;
                /** @description At most 32 bytes of UTF-8. */
                wechatpayGoodsId?: string;
                /** @description At most 256 bytes of UTF-8. */
                goodsName?: string;
                unitPriceFen: number;
                refundAmountFen: number;
                refundQuantity: number;
            }[];
        };
        ApprovalPage: {
            items: components["schemas"]["Approval"][];
            nextCursor: string | null;
        };
        /** @description A refund that another person has to approve before it begins. */
        Approval: {
            id: string;
            status: components["schemas"]["ApprovalStatus"];
            refundNo: string;
            orderNo: string;
            mchid: string;
            amountFen: number;
            /** @description What the payer is to read at WeChat Pay. */
            reason: string | null;
            /** @enum {string} */
            askedBy: "shop" | "operator";
            /** @description Null where the shop asked. */
            askedByName: string | null;
            askedByKey: string;
            /** Format: date-time */
            createdAt: string;
            decidedByName: string | null;
            decisionReason: string | null;
            /** Format: date-time */
            decidedAt: string | null;
        };
        DecideApproval: {
            /** @enum {string} */
            decision: "approve" | "reject";
            /** @description Why; kept with the name of the key. */
            reason: string;
        };
        /**
         * @example {
         *       "reason": "The shop asked by phone"
         *     }
         */
        Reason: {
            /** @description Why; kept with the name of the key. */
            reason: string;
        };
        ExtendOrder: {
            /** Format: date-time */
            until: string;
            /** @description Why; kept with the name of the key. */
            reason: string;
        };
        ResolveOrder: {
            /** @enum {string} */
            action: "accept" | "return" | "close";
            /** @description Why; kept with the name of the key. */
            reason: string;
        };
        ExternalRefund: {
            /** @example mp-20260301-1 */
            outRefundNo: string;
            /** @description Why; kept with the name of the key. */
            reason: string;
        };
        ResolveRefund: {
            /** @enum {string} */
            action: "abnormalRefund" | "reissue" | "paidOffline";
            /** @description Of `abnormalRefund`: the payer's own card. Number and name are encrypted with WeChat Pay's key before they are kept. Without it the money goes to the merchant's own card. */
            card?: {
                /**
                 * @description WeChat Pay's word for the bank of a debit card.
                 * @enum {string}
                 */
                bankType: "CMB_DEBIT" | "COMM_DEBIT" | "ABC_DEBIT" | "CCB_DEBIT" | "ICBC_DEBIT" | "BOC_DEBIT" | "PAB_DEBIT" | "SPDB_DEBIT" | "CITIC_DEBIT" | "CEB_DEBIT" | "CMBC_DEBIT" | "CIB_DEBIT" | "GDB_DEBIT" | "PSBC_DEBIT" | "NBCB_DEBIT";
                bankAccount: string;
                /** @description Of the holder, who is the payer. */
                realName: string;
            };
            /** @description Why; kept with the name of the key. */
            reason: string;
        };
        EventPage: {
            items: components["schemas"]["LoggedEvent"][];
            nextCursor: string | null;
        };
        LoggedEvent: {
            /** @description The `webhook-id` of every delivery. */
            id: string;
            type: components["schemas"]["MerchantEventType"];
            /** Format: date-time */
            createdAt: string;
            /** @description Null where the event is of a day. */
            orderNo: string | null;
            /** @description `pending`: not told yet. `withdrawn`: no longer true before it was told. `exhausted`: tried as often as the schedule says. `unaddressed`: the shop has no endpoint. */
            status: components["schemas"]["EventStatus"];
            /** @description Since it was written, or sent again. */
            tries: number;
            /** Format: date-time */
            deliveredAt: string | null;
            /**
             * Format: date-time
             * @description When it is tried next.
             */
            nextAt: string | null;
            /** @description What every delivery carries, byte for byte; JSON. */
            body: string;
        };
        TestTold: {
            /** @description Its `webhook-id`. */
            id: string;
            /** @description HTTP status; 0 when none came back. */
            status: number;
            /** @description Milliseconds until then. */
            ms: number;
            /** @description `delivered`, `refused` (not a 2xx, a redirect too), `gone` (410), `timeout`, `unreachable`, `tls`, `forbidden_address`. */
            outcome: string;
        };
        InboxPage: {
            items: components["schemas"]["InboxRow"][];
            nextCursor: string | null;
        };
        InboxRow: {
            id: string;
            mchid: string;
            /** @enum {string} */
            protocol: "v3" | "v2";
            /**
             * @description `other`: of a product that this version does not handle.
             * @enum {string}
             */
            kind: "payment" | "refund" | "other";
            /**
             * @description WeChat Pay's word for what happened.
             * @example TRANSACTION.SUCCESS
             */
            eventType: string;
            /** @description What was sealed, in its word; of kind `other`. */
            originalType: string | null;
            /** @description WeChat Pay's own id of the notify; a repeat has the same. */
            key: string;
            /** @description `verified`: nobody was told yet. `unmatched`: no order has this number. `unsupported`: kept, and nobody is told; `redrive` reads it again. */
            status: components["schemas"]["InboxStatus"];
            /** @description Of kind `other`: where it names one. */
            outTradeNo: string | null;
            /** @description Of a refund notify. */
            outRefundNo: string | null;
            orderNo: string | null;
            /** @description Of a payment notify, as is the amount. */
            transactionId: string | null;
            amountFen: number | null;
            serialNo: string;
            /** Format: date-time */
            receivedAt: string;
            /** Format: date-time */
            signalledAt: string | null;
            /** @description How often WeChat Pay delivered it. */
            deliveries: number;
        };
        BulkPreview: {
            /** @description Orders that exist. */
            count: number;
            sumFen: number;
            /** @description The oldest, at most 10. */
            sample: components["schemas"]["BulkSample"][];
        };
        BulkSample: {
            orderNo: string;
            amountFen: number;
            state: components["schemas"]["OrderState"];
            stuckReason: components["schemas"]["StuckReason"] | null;
            /** Format: date-time */
            expiresAt: string;
        };
        BulkStarted: {
            id: string;
        };
        StartBulk: {
            action: components["schemas"]["BulkAction"];
            filter: components["schemas"]["BulkFilter"];
            /**
             * Format: date-time
             * @description The new deadline: with `extend`, and only then. In the future, at most 7 days ahead.
             */
            until?: string;
            /** @description Why; kept with the name of the key. */
            reason: string;
            /** @description true: count, sum and a sample, and nothing is done. */
            dryRun: boolean;
        };
        /** @description What is given must all be true; nothing given means every order. */
        BulkFilter: {
            state?: components["schemas"]["OrderState"];
            /** @description `any`: everything that is stuck. */
            stuckReason?: components["schemas"]["StuckReasonOrAny"];
            /**
             * Format: date-time
             * @description Inclusive.
             */
            createdFrom?: string;
            /**
             * Format: date-time
             * @description Exclusive; later than `createdFrom`.
             */
            createdTo?: string;
            orderNos?: string[];
        };
        BulkList: {
            items: components["schemas"]["BulkFacts"][];
        };
        BulkFacts: {
            id: string;
            mchid: string;
            action: components["schemas"]["BulkAction"];
            /** Format: date-time */
            until: string | null;
            reason: string;
            /** @description The operator key that asked for it. */
            actor: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            finishedAt: string | null;
            total: number;
            /** @description Orders done as asked. The rest has failed or is still to come. */
            done: number;
            failedCount: number;
        };
        Bulk: {
            id: string;
            mchid: string;
            action: components["schemas"]["BulkAction"];
            /** Format: date-time */
            until: string | null;
            reason: string;
            /** @description The operator key that asked for it. */
            actor: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            finishedAt: string | null;
            total: number;
            /** @description Orders done as asked. The rest has failed or is still to come. */
            done: number;
            failedCount: number;
            /** @description The first 1,000, with the code each would have been answered by itself. */
            failed: components["schemas"]["BulkFailure"][];
        };
        BulkFailure: {
            orderNo: string;
            code: string;
        };
        ReconciliationList: {
            items: components["schemas"]["Reconciliation"][];
        };
        Reconciliation: {
            /**
             * Format: date
             * @example 2026-03-01
             */
            date: string;
            mchid: string;
            /** @description `waiting`: a run is under way. `empty`: no line, and nothing of ours. `balanced`: nothing is open. `differs`: a discrepancy is open, or there is no bill of a day on which we took money. `failed`: no bill that can be trusted. */
            state: components["schemas"]["DayState"];
            /** @description The same day again is a new run over the same rows. */
            run: number;
            failure: components["schemas"]["DayFailure"] | null;
            waitsFor: components["schemas"]["DayWait"] | null;
            /** Format: date-time */
            waitingSince: string | null;
            /**
             * Format: date-time
             * @description Since when the workflow of its run cannot go on: run the day again once that is mended.
             */
            stalledSince: string | null;
            /**
             * Format: date-time
             * @description When it is asked for, or looked at, again.
             */
            nextAt: string | null;
            /** Format: date-time */
            startedAt: string;
            /**
             * Format: date-time
             * @description Of the last run; `null` while one is under way.
             */
            finishedAt: string | null;
            /** @description Those that were asked for, the trade bill first. */
            bills: components["schemas"]["Bill"][];
            /** @description Both sides of the day by class; what is of several classes counts in each. */
            classes: components["schemas"]["ReconciliationClass"][];
            /** @description As the trade bill sums them up; negative where more was given back than taken. */
            feesFen: number | null;
            openDiscrepancies: number;
            explain: components["schemas"]["ReconciliationExplanation"];
        };
        ReconciliationExplanation: {
            /** @enum {string} */
            waitingFor: "trade_bill" | "fundflow_bill" | "gateway" | "repairs" | "failing" | "stalled" | "run" | "operator" | "nothing";
            /** Format: date-time */
            since: string;
            nextStep: string;
            /** Format: date-time */
            nextAt: string | null;
            /** @enum {string} */
            actor: "nobody" | "operator" | "wechat";
            /** @description For an operator to paste, the most useful first. */
            commands: string[];
            text: components["schemas"]["BothLanguages"];
        };
        RunReconciliation: {
            /**
             * @description A calendar day in Beijing, of the last 90; yesterday's from 10:05 on.
             * @example 2026-03-01
             */
            date: string;
        };
        ReconciliationLinePage: {
            items: components["schemas"]["ReconciliationLine"][];
            nextCursor: string | null;
        };
        ReconciliationLine: {
            class: components["schemas"]["LineClass"];
            /** @description Else it is expected: both sides agree, another bill may have it, or it was declared or is known. */
            isDiscrepancy: boolean;
            subject: components["schemas"]["LineSubject"];
            /** @description In the unzipped file; `null`: no bill has it. */
            lineNo: number | null;
            /** Format: date-time */
            at: string | null;
            orderNo: string | null;
            outTradeNo: string | null;
            transactionId: string | null;
            refundNo: string | null;
            refundId: string | null;
            /** @description What the bill says; `null`: nothing. */
            billFen: number | null;
            /** @description What our books say; `null`: nothing. */
            ownFen: number | null;
        };
        ReconciliationEvents: {
            items: components["schemas"]["ReconciliationEvent"][];
        };
        ReconciliationEvent: {
            /** @description The `webhook-id` of every delivery. */
            id: string;
            type: components["schemas"]["MerchantEventType"];
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the shop first answered 2xx.
             */
            deliveredAt: string | null;
            deliveries: components["schemas"]["Delivery"][];
            /** @description What `discrepancy.opened` is about, as it stands now; `null` of every other event. */
            discrepancy: components["schemas"]["Discrepancy"] | null;
        };
        DiscrepancyPage: {
            items: components["schemas"]["Discrepancy"][];
            nextCursor: string | null;
        };
        ResolveDiscrepancy: {
            /** @enum {string} */
            action: "accept" | "recheck" | "resolve";
            /** @description Why; kept with the name of the key. */
            reason: string;
        };
        Statement: {
            mchid: string;
            from: string;
            to: string;
            groupBy: components["schemas"]["Grouping"];
            /** @description Every day (`2026-03-01`) or month (`2026-03`) of the period; of products and appids those that took or gave back anything. */
            items: components["schemas"]["StatementItem"][];
            totals: components["schemas"]["StatementTotals"];
        };
        StatementItem: {
            group: string;
            paidCount: number;
            /** @description Of orders that are paid, by WeChat Pay's time of success. */
            paidFen: number;
            refundedCount: number;
            /** @description Of that, by the time at which WeChat Pay accepted the refund; not what came to nothing since. */
            refundedFen: number;
            returnedCount: number;
            /** @description Given back of money that made no order paid, as what came twice or late; never part of `paidFen`. */
            returnedFen: number;
            /** @description `paidFen` less `refundedFen`. */
            netFen: number;
            /** @description By the trade bills, which have all systems of the merchant. `null` while the bill of one of the days is not there, and of a single product or appid: `totals` have them. Negative where more was given back than taken. */
            feesFen: number | null;
            /** @description What WeChat Pay pays out: payments without free coupons, less refunds and fees. Bills have the money of all systems under the mchid, so it may exceed the net. By the trade bills, which have all systems of the merchant. `null` while the bill of one of the days is not there, and of a single product or appid: `totals` have them. */
            settledFen: number | null;
        };
        StatementTotals: {
            paidCount: number;
            /** @description Of orders that are paid, by WeChat Pay's time of success. */
            paidFen: number;
            refundedCount: number;
            /** @description Of that, by the time at which WeChat Pay accepted the refund; not what came to nothing since. */
            refundedFen: number;
            returnedCount: number;
            /** @description Given back of money that made no order paid, as what came twice or late; never part of `paidFen`. */
            returnedFen: number;
            /** @description `paidFen` less `refundedFen`. */
            netFen: number;
            /** @description By the trade bills, which have all systems of the merchant. `null` while the bill of one of the days is not there, and of a single product or appid: `totals` have them. Negative where more was given back than taken. */
            feesFen: number | null;
            /** @description What WeChat Pay pays out: payments without free coupons, less refunds and fees. Bills have the money of all systems under the mchid, so it may exceed the net. By the trade bills, which have all systems of the merchant. `null` while the bill of one of the days is not there, and of a single product or appid: `totals` have them. */
            settledFen: number | null;
        };
        /** @enum {string} */
        ApprovalStatus: "pending" | "approved" | "rejected";
        /** @enum {string} */
        AttemptState: "preparing" | "open" | "succeeded" | "closed" | "failed";
        /** @enum {string} */
        BillDistrust: "hash" | "unreadable" | "summary" | "refused";
        /** @enum {string} */
        BillKind: "trade" | "fundflow";
        /** @enum {string} */
        BulkAction: "hold" | "release" | "recheck" | "extend" | "rescue";
        /** @enum {string} */
        ClosedReason: "expired" | "cancelled" | "rejected" | "returned" | "reversed";
        /** @enum {string} */
        DayFailure: "trade_untrusted" | "fundflow_untrusted" | "bill_refused";
        /** @enum {string} */
        DayState: "waiting" | "empty" | "balanced" | "differs" | "failed";
        /** @enum {string} */
        DayWait: "trade_bill" | "fundflow_bill" | "gateway" | "repairs" | "failing";
        /** @enum {string} */
        DiscrepancyClass: "paid_not_here" | "foreign" | "amount" | "identity" | "refund_not_here" | "refund_amount" | "refund_status" | "missing_at_wechat" | "refund_missing_at_wechat" | "reversed" | "duplicate_line" | "fee" | "fund_missing" | "fund_amount" | "fund_foreign" | "balance_chain";
        /** @enum {string} */
        DiscrepancyStatus: "open" | "repaired" | "accepted" | "resolved";
        /** @enum {string} */
        Ending: "expired" | "cancelled" | "returned";
        /** @enum {string} */
        ErrorCode: "invalid_request" | "unauthorized" | "forbidden" | "refund_above_limit" | "own_approval" | "not_found" | "order_not_found" | "refund_not_found" | "refund_not_at_wechat" | "approval_not_found" | "event_not_found" | "bulk_not_found" | "reconciliation_not_found" | "discrepancy_not_found" | "method_not_allowed" | "order_conflict" | "order_paid" | "order_closed" | "order_not_payable" | "order_expiring" | "too_many_attempts" | "order_not_paid" | "order_in_review" | "refund_conflict" | "approval_final" | "fulfilment_not_expected" | "fulfilment_final" | "resolve_unconfirmed" | "resolve_not_applicable" | "money_held" | "refund_of_another_order" | "money_not_ours" | "not_stalled" | "reissue_not_allowed" | "event_withdrawn" | "event_unaddressed" | "close_too_early" | "notify_unsupported" | "discrepancy_not_open" | "misdirected" | "body_too_large" | "unsupported_encoding" | "prepay_refused" | "charge_refused" | "refund_exceeds_paid" | "refund_limit_reached" | "refund_too_old" | "abnormal_refund_refused" | "date_in_future" | "bill_not_ready" | "date_too_old" | "rate_limited" | "internal_error" | "unavailable" | "close_pending" | "outcome_pending";
        /** @enum {string} */
        EventStatus: "pending" | "delivered" | "withdrawn" | "exhausted" | "unaddressed";
        /** @enum {string} */
        FulfilmentState: "none" | "pending" | "fulfilled" | "rejected" | "overdue";
        /** @enum {string} */
        Grouping: "day" | "month" | "product" | "appid";
        /** @enum {string} */
        H5Type: "Wap" | "iOS" | "Android";
        /** @enum {string} */
        InboxStatus: "verified" | "signalled" | "duplicate" | "unmatched" | "unsupported";
        /** @enum {string} */
        LineClass: "matched" | "expected" | "paid_not_here" | "foreign" | "amount" | "identity" | "refund_not_here" | "refund_amount" | "refund_status" | "missing_at_wechat" | "refund_missing_at_wechat" | "reversed" | "duplicate_line" | "fee" | "fund_missing" | "fund_amount" | "fund_foreign" | "balance_chain";
        /** @enum {string} */
        LineSubject: "payment" | "refund" | "account";
        /** @enum {string} */
        MerchantEventType: "order.paid" | "order.closed" | "order.review" | "order.compensating" | "refund.succeeded" | "refund.rejected" | "refund.closed" | "refund.abnormal" | "reconciliation.completed" | "discrepancy.opened";
        /** @enum {string} */
        OrderState: "creating" | "awaitingPayment" | "paid" | "closed" | "review";
        /** @enum {string} */
        Product: "native" | "jsapi" | "miniProgram" | "app" | "h5" | "codeScan";
        /** @enum {string} */
        RefundCause: "shop" | "late_payment" | "second_payment" | "fulfilment_rejected" | "fulfilment_overdue" | "operator" | "external";
        /** @enum {string} */
        RefundState: "requested" | "processing" | "succeeded" | "rejected" | "closed" | "abnormal";
        /** @enum {string} */
        Repair: "order_query" | "refund_query" | "later_bill" | "rerun";
        /** @enum {string} */
        ReviewReason: "amount_mismatch" | "evidence_conflict" | "refunded_elsewhere" | "late_payment" | "number_in_use";
        /** @enum {string} */
        StuckReason: "stalled" | "merchant_config" | "gateway_unreachable" | "close_unconfirmed" | "not_written" | "review" | "merchant_balance" | "refund_failed" | "shop_unreachable" | "refunded_elsewhere";
        /** @enum {string} */
        StuckReasonOrAny: "stalled" | "merchant_config" | "gateway_unreachable" | "close_unconfirmed" | "not_written" | "review" | "merchant_balance" | "refund_failed" | "shop_unreachable" | "refunded_elsewhere" | "any";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    searchOrders: {
        parameters: {
            query: {
                number: string;
                mchid?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The orders; none is no error. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResult"];
                };
            };
        };
    };
    listOrders: {
        parameters: {
            query?: {
                mchid?: string;
                /** @description A number, whole: of the order, an attempt, a transaction or a refund. Or words, in any order, each the beginning of one in the order's number, its description or a value of its metadata (the first 64 characters of each, 256 of all); what is written without spaces, as Chinese, is found by any two or more characters of it that stand together, a long number by its last four digits. Upper and lower case are one. Goes with all other filters. With `q` what one page looks at has an end: a page may have fewer than `limit`, even none, and a `nextCursor` that goes on; only `null` says that there is no more. */
                q?: string;
                /** @description Exactly; fen, 1/100 yuan. */
                amountFen?: number;
                state?: components["schemas"]["OrderState"];
                /** @description `any`: whatever is stuck. */
                stuckReason?: components["schemas"]["StuckReasonOrAny"];
                closedReason?: components["schemas"]["ClosedReason"];
                /** @description Inclusive. */
                createdFrom?: string;
                /** @description Exclusive. */
                createdTo?: string;
                /** @description Inclusive; WeChat Pay's time of success. */
                paidFrom?: string;
                /** @description Exclusive. */
                paidTo?: string;
                /** @description Of the attempt that made the order paid; of an order that is not paid, of its first attempt. */
                product?: components["schemas"]["Product"];
                /** @description Of the same attempt as `product`. */
                appid?: string;
                /** @description `created`: newest first, with `createdFrom`, `createdTo` and one of these: `state` and `stuckReason`; `amountFen` and `state`; `closedReason`; `product` and `appid`. The default. `paid`: orders that are paid, the newest payment first, with `paidFrom`, `paidTo` and either `amountFen` or `product` and `appid`; the default where `paidFrom` or `paidTo` is given without `q`. `stuckSince`: what is stuck longest first, with a `stuckReason`. Any other filter beside them is refused. With `q` the order is that of creation, and every filter goes. */
                sort?: "created" | "paid" | "stuckSince";
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; `nextCursor` is null on the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderPage"];
                };
            };
        };
    };
    createOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateOrder"];
            };
        };
        responses: {
            /** @description A repeat: the order as it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Created, with the codes in `attempts[0]`. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Recorded; WeChat Pay has not given a code yet, or has not said yet what became of the charge. `stuckReason` says if somebody must act. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    getOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderDetail"];
                };
            };
        };
    };
    getTimeline: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The timeline. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
        };
    };
    openAttempt: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenAttempt"];
            };
        };
        responses: {
            /** @description The attempt is open already, or has a fresh code. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A new attempt is open. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Recorded; somebody must repair something first, see `stuckReason`, or WeChat Pay has not said yet what became of the charge. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    syncOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order after the answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    closeOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CloseOrder"];
            };
        };
        responses: {
            /** @description Closed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Recorded and going on; not confirmed closed within 8 s. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    reportFulfilment: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReportFulfilment"];
            };
        };
        responses: {
            /** @description Recorded, or said before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    streamOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    listRefunds: {
        parameters: {
            query?: {
                mchid?: string;
                /** @description A number, whole: of the refund, here or at WeChat Pay, of its order or of the payment. Or words, each the beginning of one in the refund's number or its reason, as in the list of orders. Goes with all other filters. With `q` what one page looks at has an end: a page may have fewer than `limit`, even none, and a `nextCursor` that goes on; only `null` says that there is no more. */
                q?: string;
                /** @description Exactly; fen, 1/100 yuan. */
                amountFen?: number;
                /** @description `unsettled`: `requested`, `processing` or `abnormal`, while its money is held. */
                state?: "requested" | "processing" | "succeeded" | "rejected" | "closed" | "abnormal" | "unsettled";
                /** @description `external`: somebody else made it. */
                cause?: components["schemas"]["RefundCause"];
                /** @description The refunds of all its attempts; goes with everything else. */
                orderNo?: string;
                /** @description Inclusive; when it was asked for here, or became known. */
                createdFrom?: string;
                /** @description Exclusive. */
                createdTo?: string;
                /** @description Inclusive; when WeChat Pay accepted it. Where it never said when: when it was first asked, else when the money was back, else when PaySaga learned of it. One that is not accepted yet, or was refused, is not listed. */
                acceptedFrom?: string;
                /** @description Exclusive. */
                acceptedTo?: string;
                /** @description Inclusive; when the money was back. */
                succeededFrom?: string;
                /** @description Exclusive. */
                succeededTo?: string;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; `nextCursor` is null on the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefundPage"];
                };
            };
        };
    };
    createRefund: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateRefund"];
            };
        };
        responses: {
            /** @description A repeat: the refund as it is, or what an approver rejected. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"] | components["schemas"]["WithheldRefund"];
                };
            };
            /** @description Recorded, and its money held. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description It waits for the approval of another person; so does a repeat. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WithheldRefund"];
                };
            };
        };
    };
    getRefund: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                /** @description The shop's own number, or one of PaySaga's (`A-1001*2@return`), percent-encoded. */
                refundNo: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refund, or what waits for an approval or was rejected. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"] | components["schemas"]["WithheldRefund"];
                };
            };
        };
    };
    listApprovals: {
        parameters: {
            query?: {
                mchid?: string;
                status?: components["schemas"]["ApprovalStatus"];
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; `nextCursor` is null on the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalPage"];
                };
            };
        };
    };
    getApproval: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The approval. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    decideApproval: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideApproval"];
            };
        };
        responses: {
            /** @description Decided, or decided so before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
        };
    };
    recheckOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description Asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    extendOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExtendOrder"];
            };
        };
        responses: {
            /** @description Moved. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    resolveOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveOrder"];
            };
        };
        responses: {
            /** @description Decided. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    rescueOrder: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description It goes on. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    recordExternalRefund: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                orderNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExternalRefund"];
            };
        };
        responses: {
            /** @description Known already: the refund as it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description Booked, or what was asked for under its number has become it. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
        };
    };
    rescueRefund: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                /** @description The shop's own number, or one of PaySaga's (`A-1001*2@return`), percent-encoded. */
                refundNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description It goes on. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
        };
    };
    resolveRefund: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                /** @description The shop's own number, or one of PaySaga's (`A-1001*2@return`), percent-encoded. */
                refundNo: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveRefund"];
            };
        };
        responses: {
            /** @description Done; the refund that took its place, where there is one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                mchid?: string;
                type?: components["schemas"]["MerchantEventType"];
                orderNo?: string;
                /** @description An event’s id: only what was written after it. `start`, the default: all. */
                after?: string;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; `nextCursor` is null on the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                mchid?: string;
                type?: components["schemas"]["MerchantEventType"];
                orderNo?: string;
                /** @description As `Last-Event-ID`; `start`: from the first event on. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    sendTestEvent: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description What came of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TestTold"];
                };
            };
        };
    };
    resendEvent: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description It is being sent. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MerchantEvent"];
                };
            };
        };
    };
    listInbox: {
        parameters: {
            query?: {
                mchid?: string;
                /** @description `verified`: nobody was told yet. `unmatched`: no order has this number. `unsupported`: kept, and nobody is told; `redrive` reads it again. */
                status?: components["schemas"]["InboxStatus"];
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; `nextCursor` is null on the last. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxPage"];
                };
            };
        };
    };
    redriveInbox: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reason"];
            };
        };
        responses: {
            /** @description Delivered. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxRow"];
                };
            };
        };
    };
    listBulks: {
        parameters: {
            query?: {
                mchid?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who did what, when and why, and how far it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkList"];
                };
            };
        };
    };
    startBulk: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartBulk"];
            };
        };
        responses: {
            /** @description What it would be about; nothing was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkPreview"];
                };
            };
            /** @description Taken. `GET /v1/bulk/{id}` tells how far it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkStarted"];
                };
            };
        };
    };
    getBulk: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bulk; it has ended once `finishedAt` is given. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bulk"];
                };
            };
        };
    };
    listReconciliations: {
        parameters: {
            query?: {
                mchid?: string;
                /** @description A calendar day in Beijing; 31 days until `to` unless told. */
                from?: string;
                /** @description The last day, included, today unless told; at most 92 days. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The days. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconciliationList"];
                };
            };
        };
    };
    runReconciliation: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunReconciliation"];
            };
        };
        responses: {
            /** @description A run of this day was under way already: the day as it stands. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
            /** @description A run was begun; `GET /v1/reconciliations/{date}` tells how far it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
        };
    };
    getReconciliation: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                /** @description A calendar day in Beijing. */
                date: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The day. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reconciliation"];
                };
            };
        };
    };
    listReconciliationLines: {
        parameters: {
            query?: {
                mchid?: string;
                class?: components["schemas"]["LineClass"];
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description A calendar day in Beijing. */
                date: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; `nextCursor` is null on the last. As CSV with `Accept: text/csv`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconciliationLinePage"];
                    "text/csv": string;
                };
            };
        };
    };
    listReconciliationEvents: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                /** @description A calendar day in Beijing. */
                date: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReconciliationEvents"];
                };
            };
        };
    };
    listDiscrepancies: {
        parameters: {
            query?: {
                mchid?: string;
                status?: components["schemas"]["DiscrepancyStatus"];
                class?: components["schemas"]["DiscrepancyClass"];
                /** @description A calendar day in Beijing. */
                from?: string;
                /** @description The last day, included. */
                to?: string;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page; `nextCursor` is null on the last. As CSV with `Accept: text/csv`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscrepancyPage"];
                    "text/csv": string;
                };
            };
        };
    };
    getDiscrepancy: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The discrepancy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Discrepancy"];
                };
            };
        };
    };
    resolveDiscrepancy: {
        parameters: {
            query?: {
                /** @description Required for an operator key with several merchants. */
                mchid?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveDiscrepancy"];
            };
        };
        responses: {
            /** @description The discrepancy as it then stands. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Discrepancy"];
                };
            };
        };
    };
    getStatement: {
        parameters: {
            query: {
                mchid?: string;
                /** @description A calendar day in Beijing. */
                from: string;
                /** @description The last day, included; at most 366 days. */
                to: string;
                groupBy?: components["schemas"]["Grouping"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The statement. As CSV with `Accept: text/csv`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Statement"];
                    "text/csv": string;
                };
            };
        };
    };
}
