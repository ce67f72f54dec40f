CREATE SEQUENCE "public"."timeline_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"name" text,
	"mchids" text[] NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_hash_key" UNIQUE("hash"),
	CONSTRAINT "api_keys_kind_known" CHECK ("api_keys"."kind" in ('merchant', 'operator')),
	CONSTRAINT "api_keys_merchant_has_one_mchid" CHECK ("api_keys"."kind" <> 'merchant' or cardinality("api_keys"."mchids") = 1),
	CONSTRAINT "api_keys_operator_is_named" CHECK ("api_keys"."kind" <> 'operator' or ("api_keys"."name" is not null and cardinality("api_keys"."mchids") >= 1))
);
--> statement-breakpoint
CREATE TABLE "attempt_transitions" (
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "attempt_transitions_pkey" PRIMARY KEY("from_state","to_state")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"mchid" text collate "C" NOT NULL,
	"out_trade_no" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"number" integer NOT NULL,
	"product" text NOT NULL,
	"appid" text NOT NULL,
	"openid" text,
	"client_ip" text,
	"h5_type" text,
	"state" text DEFAULT 'preparing' NOT NULL,
	"code_url" text,
	"prepay_id" text,
	"h5_url" text,
	"code_expires_at" timestamp (3) with time zone,
	"code_given_at" timestamp (3) with time zone,
	"prepay_body" text,
	"prepay_started_at" timestamp (3) with time zone,
	"prepay_unknown" boolean DEFAULT false NOT NULL,
	"foreign_trade" boolean DEFAULT false NOT NULL,
	"refusal" jsonb,
	"gateway" jsonb,
	"transaction_id" text,
	"paid_fen" bigint DEFAULT 0 NOT NULL,
	"refunding_fen" bigint DEFAULT 0 NOT NULL,
	"refunded_fen" bigint DEFAULT 0 NOT NULL,
	"payment" jsonb,
	"paid_at" timestamp (3) with time zone,
	"refund_applied_at" timestamp (3) with time zone,
	"attempt_key" text,
	"body_hash" text,
	CONSTRAINT "attempts_pkey" PRIMARY KEY("mchid","out_trade_no"),
	CONSTRAINT "attempts_number_key" UNIQUE("mchid","order_no","number"),
	CONSTRAINT "attempts_of_order_key" UNIQUE("mchid","order_no","out_trade_no"),
	CONSTRAINT "attempts_money_key" UNIQUE("mchid","order_no","out_trade_no","paid_fen"),
	CONSTRAINT "attempts_product_known" CHECK ("attempts"."product" in ('native', 'jsapi', 'miniProgram', 'app', 'h5')),
	CONSTRAINT "attempts_h5_type_known" CHECK ("attempts"."h5_type" in ('Wap', 'iOS', 'Android')),
	CONSTRAINT "attempts_state_known" CHECK ("attempts"."state" in ('preparing', 'open', 'succeeded', 'closed', 'failed')),
	CONSTRAINT "attempts_paid_fen_range" CHECK ("attempts"."paid_fen" between 0 and 9007199254740991),
	CONSTRAINT "attempts_refunding_fen_range" CHECK ("attempts"."refunding_fen" between 0 and 9007199254740991),
	CONSTRAINT "attempts_refunded_fen_range" CHECK ("attempts"."refunded_fen" between 0 and 9007199254740991),
	CONSTRAINT "attempts_number_range" CHECK ("attempts"."number" between 1 and 20),
	CONSTRAINT "attempts_out_trade_no_derived" CHECK ("attempts"."out_trade_no" = case
        when "attempts"."number" = 1 then "attempts"."order_no"
        when length("attempts"."order_no" || '*' || "attempts"."number") <= 32 then "attempts"."order_no" || '*' || "attempts"."number"
        else '*' || left(translate(encode(sha256("attempts"."order_no"::bytea), 'base64'), '+/', '-_'), 28) || '*' || "attempts"."number" end),
	CONSTRAINT "attempts_succeeded_has_transaction" CHECK ("attempts"."state" <> 'succeeded' or "attempts"."transaction_id" is not null),
	CONSTRAINT "attempts_money_has_succeeded" CHECK ("attempts"."paid_fen" = 0 or "attempts"."state" = 'succeeded'),
	CONSTRAINT "attempts_foreign_is_not_ours" CHECK (not "attempts"."foreign_trade" or ("attempts"."state" = 'failed' and "attempts"."code_given_at" is null and "attempts"."paid_fen" = 0)),
	CONSTRAINT "attempts_body_is_dated" CHECK (("attempts"."prepay_body" is null) = ("attempts"."prepay_started_at" is null))
);
--> statement-breakpoint
CREATE TABLE "bulk_orders" (
	"bulk_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"outcome" text,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "bulk_orders_pkey" PRIMARY KEY("bulk_id","seq"),
	CONSTRAINT "bulk_orders_order_key" UNIQUE("bulk_id","order_no"),
	CONSTRAINT "bulk_orders_finished_has_outcome" CHECK (("bulk_orders"."finished_at" is null) = ("bulk_orders"."outcome" is null))
);
--> statement-breakpoint
CREATE TABLE "bulks" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"action" text NOT NULL,
	"filter" jsonb NOT NULL,
	"until" timestamp (3) with time zone,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "bulks_action_known" CHECK ("bulks"."action" in ('hold', 'release', 'recheck', 'extend', 'rescue')),
	CONSTRAINT "bulks_extend_has_time" CHECK (("bulks"."action" = 'extend') = ("bulks"."until" is not null))
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"event_id" uuid NOT NULL,
	"seq" bigint DEFAULT nextval('timeline_seq') NOT NULL,
	"known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"status" integer NOT NULL,
	"outcome" text NOT NULL,
	"duration_ms" integer NOT NULL,
	CONSTRAINT "deliveries_pkey" PRIMARY KEY("event_id","at"),
	CONSTRAINT "deliveries_status_range" CHECK ("deliveries"."status" between 0 and 999),
	CONSTRAINT "deliveries_duration_ms_range" CHECK ("deliveries"."duration_ms" >= 0)
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"seq" bigint DEFAULT nextval('timeline_seq') NOT NULL,
	"known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"out_trade_no" text collate "C" NOT NULL,
	"transaction_id" text NOT NULL,
	"source" text NOT NULL,
	"appid" text NOT NULL,
	"trade_type" text NOT NULL,
	"amount_fen" bigint NOT NULL,
	"currency" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "evidence_fact_key" UNIQUE("mchid","out_trade_no","transaction_id","source"),
	CONSTRAINT "evidence_source_known" CHECK ("evidence"."source" in ('notify', 'query', 'bill')),
	CONSTRAINT "evidence_amount_fen_range" CHECK ("evidence"."amount_fen" between 0 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "fulfilment_transitions" (
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "fulfilment_transitions_pkey" PRIMARY KEY("from_state","to_state")
);
--> statement-breakpoint
CREATE TABLE "gateway_calls" (
	"id" bigint PRIMARY KEY DEFAULT nextval('timeline_seq') NOT NULL,
	"known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"out_trade_no" text collate "C" NOT NULL,
	"api" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"duration_ms" integer NOT NULL,
	"gateway" jsonb,
	"next_at" timestamp (3) with time zone,
	"quiet_until" timestamp (3) with time zone,
	CONSTRAINT "gateway_calls_api_known" CHECK ("gateway_calls"."api" in ('prepay', 'query', 'close', 'refund', 'refundQuery', 'abnormalRefund', 'certificates')),
	CONSTRAINT "gateway_calls_duration_ms_range" CHECK ("gateway_calls"."duration_ms" >= 0)
);
--> statement-breakpoint
CREATE TABLE "merchant_events" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"seq" bigint DEFAULT nextval('timeline_seq') NOT NULL,
	"known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"out_refund_no" text collate "C",
	"type" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"body" text NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"next_at" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "merchant_events_type_known" CHECK ("merchant_events"."type" in ('order.paid', 'order.closed', 'order.review', 'order.compensating', 'refund.succeeded', 'refund.rejected', 'refund.closed', 'refund.abnormal')),
	CONSTRAINT "merchant_events_status_known" CHECK ("merchant_events"."status" in ('pending', 'delivered', 'withdrawn', 'exhausted', 'unaddressed')),
	CONSTRAINT "merchant_events_tries_range" CHECK ("merchant_events"."tries" >= 0),
	CONSTRAINT "merchant_events_delivered_is_dated" CHECK ("merchant_events"."status" <> 'delivered' or "merchant_events"."delivered_at" is not null),
	CONSTRAINT "merchant_events_next_is_pending" CHECK ("merchant_events"."next_at" is null or "merchant_events"."status" = 'pending'),
	CONSTRAINT "merchant_events_refund_is_named" CHECK (("merchant_events"."out_refund_no" is not null) = starts_with("merchant_events"."type", 'refund.'))
);
--> statement-breakpoint
CREATE TABLE "notify_inbox" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"protocol" text NOT NULL,
	"kind" text NOT NULL,
	"event_type" text DEFAULT '' NOT NULL,
	"key" text NOT NULL,
	"status" text NOT NULL,
	"out_trade_no" text collate "C",
	"order_no" text collate "C",
	"out_refund_no" text collate "C",
	"evidence" jsonb NOT NULL,
	"serial_no" text NOT NULL,
	"raw_body" "bytea" NOT NULL,
	"headers" jsonb NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"signalled_at" timestamp (3) with time zone,
	"deliveries" integer DEFAULT 1 NOT NULL,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "notify_inbox_delivery_key" UNIQUE("mchid","protocol","kind","key"),
	CONSTRAINT "notify_inbox_protocol_known" CHECK ("notify_inbox"."protocol" in ('v3')),
	CONSTRAINT "notify_inbox_kind_known" CHECK ("notify_inbox"."kind" in ('payment', 'refund', 'other')),
	CONSTRAINT "notify_inbox_status_known" CHECK ("notify_inbox"."status" in ('verified', 'signalled', 'duplicate', 'unmatched', 'unsupported')),
	CONSTRAINT "notify_inbox_refund_is_named" CHECK (("notify_inbox"."kind" = 'refund') = ("notify_inbox"."out_refund_no" is not null)),
	CONSTRAINT "notify_inbox_deliveries_positive" CHECK ("notify_inbox"."deliveries" >= 1),
	CONSTRAINT "notify_inbox_trade_is_named" CHECK ("notify_inbox"."kind" = 'other' or "notify_inbox"."out_trade_no" is not null),
	CONSTRAINT "notify_inbox_other_is_unsupported" CHECK (("notify_inbox"."kind" = 'other') = ("notify_inbox"."status" = 'unsupported')),
	CONSTRAINT "notify_inbox_unmatched_has_no_order" CHECK (("notify_inbox"."status" in ('unmatched', 'unsupported')) = ("notify_inbox"."order_no" is null)),
	CONSTRAINT "notify_inbox_signalled_is_dated" CHECK (("notify_inbox"."status" in ('signalled', 'duplicate')) = ("notify_inbox"."signalled_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "operator_actions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"seq" bigint DEFAULT nextval('timeline_seq') NOT NULL,
	"known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"action" text NOT NULL,
	"out_refund_no" text collate "C",
	"event_id" uuid,
	"parameters" jsonb NOT NULL,
	"reason" text,
	"actor" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"outcome" text,
	"finished_at" timestamp (3) with time zone,
	"before" jsonb,
	"after" jsonb,
	"bulk_id" uuid,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "operator_actions_action_known" CHECK ("operator_actions"."action" in ('close', 'extend', 'hold', 'release', 'recheck', 'resolve', 'refund', 'fulfilment', 'resend', 'abnormalRefund', 'reissue', 'paidOffline', 'externalRefund', 'redrive', 'rescue')),
	CONSTRAINT "operator_actions_finished_has_outcome" CHECK (("operator_actions"."finished_at" is null) = ("operator_actions"."outcome" is null))
);
--> statement-breakpoint
CREATE TABLE "order_transitions" (
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "order_transitions_pkey" PRIMARY KEY("from_state","to_state")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"state" text DEFAULT 'creating' NOT NULL,
	"closed_reason" text,
	"review_reason" text,
	"ending" text,
	"stuck_reason" text,
	"stuck_since" timestamp (3) with time zone,
	"own_stuck_reason" text,
	"amount_fen" bigint NOT NULL,
	"paid_attempt" text collate "C",
	"paid_fen" bigint DEFAULT 0 NOT NULL,
	"returned_fen" bigint DEFAULT 0 NOT NULL,
	"fulfilment" text DEFAULT 'none' NOT NULL,
	"description" text NOT NULL,
	"attach" text,
	"metadata" jsonb,
	"policy" jsonb NOT NULL,
	"body_hash" text NOT NULL,
	"expires_in_seconds" integer NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"found_by" text,
	"closed_at" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	"next_due_at" timestamp (3) with time zone,
	"stalled_since" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "orders_pkey" PRIMARY KEY("mchid","order_no"),
	CONSTRAINT "orders_state_known" CHECK ("orders"."state" in ('creating', 'awaitingPayment', 'paid', 'closed', 'review')),
	CONSTRAINT "orders_closed_reason_known" CHECK ("orders"."closed_reason" in ('expired', 'cancelled', 'rejected', 'returned')),
	CONSTRAINT "orders_review_reason_known" CHECK ("orders"."review_reason" in ('amount_mismatch', 'evidence_conflict', 'refunded_elsewhere', 'late_payment', 'number_in_use')),
	CONSTRAINT "orders_ending_known" CHECK ("orders"."ending" in ('expired', 'cancelled', 'returned')),
	CONSTRAINT "orders_stuck_reason_known" CHECK ("orders"."stuck_reason" in ('stalled', 'merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'not_written', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable', 'refunded_elsewhere')),
	CONSTRAINT "orders_own_stuck_reason_known" CHECK ("orders"."own_stuck_reason" in ('stalled', 'merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'not_written', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable', 'refunded_elsewhere')),
	CONSTRAINT "orders_fulfilment_known" CHECK ("orders"."fulfilment" in ('none', 'pending', 'fulfilled', 'rejected', 'overdue')),
	CONSTRAINT "orders_found_by_known" CHECK ("orders"."found_by" in ('notify', 'poll', 'sync', 'close', 'operator')),
	CONSTRAINT "orders_amount_fen_range" CHECK ("orders"."amount_fen" between 1 and 9007199254740991),
	CONSTRAINT "orders_paid_fen_range" CHECK ("orders"."paid_fen" between 0 and 9007199254740991),
	CONSTRAINT "orders_returned_fen_range" CHECK ("orders"."returned_fen" between 0 and 9007199254740991),
	CONSTRAINT "orders_version_positive" CHECK ("orders"."version" >= 1),
	CONSTRAINT "orders_closed_has_reason" CHECK ("orders"."state" <> 'closed' or "orders"."closed_reason" is not null),
	CONSTRAINT "orders_closed_is_dated" CHECK (("orders"."closed_reason" is null) = ("orders"."closed_at" is null)),
	CONSTRAINT "orders_waiting_was_not_closed" CHECK ("orders"."state" not in ('creating', 'awaitingPayment') or "orders"."closed_reason" is null),
	CONSTRAINT "orders_review_has_reason" CHECK (("orders"."state" = 'review') = ("orders"."review_reason" is not null)),
	CONSTRAINT "orders_ending_is_open" CHECK ("orders"."ending" is null or "orders"."state" not in ('paid', 'closed')),
	CONSTRAINT "orders_stuck_has_time" CHECK (("orders"."stuck_reason" is null) = ("orders"."stuck_since" is null)),
	CONSTRAINT "orders_paid_has_attempt" CHECK (("orders"."state" = 'paid') = ("orders"."paid_attempt" is not null)),
	CONSTRAINT "orders_paid_has_time" CHECK (("orders"."state" = 'paid') = ("orders"."paid_at" is not null)),
	CONSTRAINT "orders_found_is_paid" CHECK ("orders"."found_by" is null or "orders"."state" = 'paid'),
	CONSTRAINT "orders_paid_has_money" CHECK (("orders"."state" = 'paid') = ("orders"."paid_fen" > 0))
);
--> statement-breakpoint
CREATE TABLE "refund_transitions" (
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "refund_transitions_pkey" PRIMARY KEY("from_state","to_state")
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"mchid" text collate "C" NOT NULL,
	"out_refund_no" text collate "C" NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "refunds_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"order_no" text collate "C" NOT NULL,
	"out_trade_no" text collate "C" NOT NULL,
	"amount_fen" bigint NOT NULL,
	"total_fen" bigint NOT NULL,
	"state" text DEFAULT 'requested' NOT NULL,
	"cause" text NOT NULL,
	"reason" text,
	"offline" boolean DEFAULT false NOT NULL,
	"refund_id" text,
	"channel" text,
	"received_account" text,
	"accepted_at" timestamp (3) with time zone,
	"gateway" jsonb,
	"predecessor" text collate "C",
	"trouble" text,
	"body_hash" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"applied_at" timestamp (3) with time zone,
	"succeeded_at" timestamp (3) with time zone,
	"next_due_at" timestamp (3) with time zone,
	"stalled_since" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "refunds_pkey" PRIMARY KEY("mchid","out_refund_no"),
	CONSTRAINT "refunds_state_known" CHECK ("refunds"."state" in ('requested', 'processing', 'succeeded', 'rejected', 'closed', 'abnormal')),
	CONSTRAINT "refunds_cause_known" CHECK ("refunds"."cause" in ('shop', 'late_payment', 'second_payment', 'fulfilment_rejected', 'fulfilment_overdue', 'operator', 'external')),
	CONSTRAINT "refunds_trouble_known" CHECK ("refunds"."trouble" in ('merchant_config', 'gateway_unreachable', 'merchant_balance', 'not_written', 'refund_failed')),
	CONSTRAINT "refunds_amount_fen_range" CHECK ("refunds"."amount_fen" between 1 and 9007199254740991),
	CONSTRAINT "refunds_total_fen_range" CHECK ("refunds"."total_fen" between 1 and 9007199254740991),
	CONSTRAINT "refunds_amount_within_total" CHECK ("refunds"."cause" = 'external' or "refunds"."amount_fen" <= "refunds"."total_fen"),
	CONSTRAINT "refunds_own_number" CHECK ("refunds"."cause" = 'external' or ("refunds"."cause" <> 'shop') = (position('@' in "refunds"."out_refund_no") > 0)),
	CONSTRAINT "refunds_external_is_at_wechat" CHECK ("refunds"."cause" <> 'external' or ("refunds"."refund_id" is not null and "refunds"."state" not in ('requested', 'rejected'))),
	CONSTRAINT "refunds_own_number_derived" CHECK ("refunds"."cause" in ('shop', 'external') or starts_with("refunds"."out_refund_no", "refunds"."out_trade_no" || '@return')),
	CONSTRAINT "refunds_successor_is_own" CHECK (("refunds"."predecessor" is not null) = ("refunds"."cause" not in ('shop', 'external') and "refunds"."out_refund_no" <> "refunds"."out_trade_no" || '@return')),
	CONSTRAINT "refunds_shop_has_body" CHECK (("refunds"."cause" = 'shop') = ("refunds"."body_hash" is not null)),
	CONSTRAINT "refunds_succeeded_has_time" CHECK (("refunds"."state" = 'succeeded') = ("refunds"."succeeded_at" is not null)),
	CONSTRAINT "refunds_offline_has_succeeded" CHECK (not "refunds"."offline" or "refunds"."state" = 'succeeded'),
	CONSTRAINT "refunds_trouble_is_unsettled" CHECK ("refunds"."trouble" is null or "refunds"."state" in ('requested', 'processing', 'abnormal'))
);
--> statement-breakpoint
CREATE TABLE "sweeps" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"finished_at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL,
	CONSTRAINT "sweeps_one_row" CHECK ("sweeps"."only"),
	CONSTRAINT "sweeps_by_known" CHECK ("sweeps"."by" in ('schedule', 'worker'))
);
--> statement-breakpoint
CREATE TABLE "timeline" (
	"seq" bigint PRIMARY KEY DEFAULT nextval('timeline_seq') NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"source" text NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"outcome" text,
	"amount_fen" bigint,
	"reason" text,
	"detail" text,
	"count" integer,
	"wechat_at" timestamp (3) with time zone,
	"gateway" jsonb,
	"action_id" uuid,
	CONSTRAINT "timeline_source_known" CHECK ("timeline"."source" in ('paysaga', 'notify', 'gateway', 'shop', 'person')),
	CONSTRAINT "timeline_amount_fen_range" CHECK ("timeline"."amount_fen" between 0 and 9007199254740991)
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_orders" ADD CONSTRAINT "bulk_orders_bulk_fkey" FOREIGN KEY ("bulk_id") REFERENCES "public"."bulks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_event_fkey" FOREIGN KEY ("event_id") REFERENCES "public"."merchant_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_attempt_fkey" FOREIGN KEY ("mchid","order_no","out_trade_no") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gateway_calls" ADD CONSTRAINT "gateway_calls_attempt_fkey" FOREIGN KEY ("mchid","order_no","out_trade_no") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_refund_fkey" FOREIGN KEY ("mchid","out_refund_no") REFERENCES "public"."refunds"("mchid","out_refund_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_refund_fkey" FOREIGN KEY ("mchid","out_refund_no") REFERENCES "public"."refunds"("mchid","out_refund_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_event_fkey" FOREIGN KEY ("event_id") REFERENCES "public"."merchant_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_bulk_fkey" FOREIGN KEY ("bulk_id") REFERENCES "public"."bulks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_paid_attempt_fkey" FOREIGN KEY ("mchid","order_no","paid_attempt","paid_fen") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no","paid_fen") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_attempt_fkey" FOREIGN KEY ("mchid","order_no","out_trade_no","total_fen") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no","paid_fen") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_predecessor_fkey" FOREIGN KEY ("mchid","predecessor") REFERENCES "public"."refunds"("mchid","out_refund_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_attempt_key_key" ON "attempts" USING btree ("mchid","order_no","attempt_key") WHERE "attempts"."attempt_key" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_transaction_key" ON "attempts" USING btree ("mchid","transaction_id") WHERE "attempts"."transaction_id" is not null;--> statement-breakpoint
CREATE INDEX "bulk_orders_open" ON "bulk_orders" USING btree ("bulk_id","seq") WHERE "bulk_orders"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "bulk_orders_failed" ON "bulk_orders" USING btree ("bulk_id","seq") WHERE "bulk_orders"."outcome" <> 'done';--> statement-breakpoint
CREATE INDEX "bulks_list" ON "bulks" USING btree ("mchid","created_at","id");--> statement-breakpoint
CREATE INDEX "bulks_sweep" ON "bulks" USING btree ("swept_at" NULLS FIRST,"created_at") WHERE "bulks"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "evidence_of_order" ON "evidence" USING btree ("mchid","order_no","at","id");--> statement-breakpoint
CREATE INDEX "gateway_calls_recent" ON "gateway_calls" USING btree ("mchid","at");--> statement-breakpoint
CREATE INDEX "gateway_calls_of_order" ON "gateway_calls" USING btree ("mchid","order_no","id");--> statement-breakpoint
CREATE UNIQUE INDEX "merchant_events_paid_key" ON "merchant_events" USING btree ("mchid","order_no") WHERE "merchant_events"."type" = 'order.paid';--> statement-breakpoint
CREATE INDEX "merchant_events_of_order" ON "merchant_events" USING btree ("mchid","order_no","seq");--> statement-breakpoint
CREATE INDEX "merchant_events_sweep" ON "merchant_events" USING btree ("swept_at" NULLS FIRST,coalesce("next_at", "created_at")) WHERE "merchant_events"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "notify_inbox_list" ON "notify_inbox" USING btree ("received_at","id");--> statement-breakpoint
CREATE INDEX "notify_inbox_list_merchant" ON "notify_inbox" USING btree ("mchid","received_at","id");--> statement-breakpoint
CREATE INDEX "notify_inbox_of_order" ON "notify_inbox" USING btree ("mchid","order_no","received_at","id") WHERE "notify_inbox"."order_no" is not null;--> statement-breakpoint
CREATE INDEX "notify_inbox_unsupported" ON "notify_inbox" USING btree ("mchid","received_at","id") WHERE "notify_inbox"."status" = 'unsupported';--> statement-breakpoint
CREATE INDEX "notify_inbox_unfinished" ON "notify_inbox" USING btree ("status","received_at","id") WHERE "notify_inbox"."status" in ('verified', 'unmatched');--> statement-breakpoint
CREATE UNIQUE INDEX "operator_actions_open_key" ON "operator_actions" USING btree ("mchid","order_no","action",coalesce("out_refund_no", ''),coalesce("event_id"::text, '')) WHERE "operator_actions"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "operator_actions_of_order" ON "operator_actions" USING btree ("mchid","order_no","requested_at");--> statement-breakpoint
CREATE INDEX "operator_actions_sweep" ON "operator_actions" USING btree ("swept_at" NULLS FIRST,"requested_at") WHERE "operator_actions"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "orders_list" ON "orders" USING btree ("mchid","created_at","order_no");--> statement-breakpoint
CREATE INDEX "orders_list_state" ON "orders" USING btree ("mchid","state","created_at","order_no");--> statement-breakpoint
CREATE INDEX "orders_list_stuck" ON "orders" USING btree ("mchid","created_at","order_no") WHERE "orders"."stuck_reason" is not null;--> statement-breakpoint
CREATE INDEX "orders_list_stuck_reason" ON "orders" USING btree ("mchid","stuck_reason","created_at","order_no") WHERE "orders"."stuck_reason" is not null;--> statement-breakpoint
CREATE INDEX "orders_stuck_oldest" ON "orders" USING btree ("mchid","stuck_since","order_no") WHERE "orders"."stuck_reason" is not null;--> statement-breakpoint
CREATE INDEX "orders_stuck_oldest_reason" ON "orders" USING btree ("mchid","stuck_reason","stuck_since","order_no") WHERE "orders"."stuck_reason" is not null;--> statement-breakpoint
CREATE INDEX "orders_paid_recent" ON "orders" USING btree ("mchid","paid_at") WHERE "orders"."state" = 'paid';--> statement-breakpoint
CREATE INDEX "orders_sweep_creating" ON "orders" USING btree ("swept_at" NULLS FIRST,"created_at") WHERE "orders"."state" = 'creating';--> statement-breakpoint
CREATE INDEX "orders_sweep_overdue" ON "orders" USING btree ("expires_at") WHERE "orders"."state" in ('creating', 'awaitingPayment', 'review');--> statement-breakpoint
CREATE INDEX "orders_sweep_due" ON "orders" USING btree ("due_at") WHERE "orders"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "orders_sweep_next_due" ON "orders" USING btree ("next_due_at") WHERE "orders"."next_due_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_predecessor_key" ON "refunds" USING btree ("mchid","predecessor") WHERE "refunds"."predecessor" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_own_key" ON "refunds" USING btree ("mchid","out_trade_no") WHERE "refunds"."cause" not in ('shop', 'external') and "refunds"."state" not in ('rejected', 'closed');--> statement-breakpoint
CREATE INDEX "refunds_of_refund_id" ON "refunds" USING btree ("mchid","refund_id") WHERE "refunds"."refund_id" is not null;--> statement-breakpoint
CREATE INDEX "refunds_recent" ON "refunds" USING btree ("mchid","created_at");--> statement-breakpoint
CREATE INDEX "refunds_of_attempt" ON "refunds" USING btree ("mchid","out_trade_no","seq");--> statement-breakpoint
CREATE INDEX "refunds_sweep" ON "refunds" USING btree ("swept_at" NULLS FIRST,"created_at") WHERE "refunds"."state" in ('requested', 'processing', 'abnormal');--> statement-breakpoint
CREATE INDEX "refunds_sweep_next_due" ON "refunds" USING btree ("next_due_at") WHERE "refunds"."next_due_at" is not null;--> statement-breakpoint
CREATE INDEX "timeline_of_order" ON "timeline" USING btree ("mchid","order_no","seq");