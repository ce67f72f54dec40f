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
	"refusal" jsonb,
	"transaction_id" text,
	"paid_fen" bigint DEFAULT 0 NOT NULL,
	"refunding_fen" bigint DEFAULT 0 NOT NULL,
	"refunded_fen" bigint DEFAULT 0 NOT NULL,
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
	CONSTRAINT "attempts_refunds_within_paid" CHECK ("attempts"."refunding_fen" + "attempts"."refunded_fen" <= "attempts"."paid_fen"),
	CONSTRAINT "attempts_number_range" CHECK ("attempts"."number" between 1 and 20),
	CONSTRAINT "attempts_out_trade_no_derived" CHECK ("attempts"."out_trade_no" = "attempts"."order_no" || case "attempts"."number" when 1 then '' else '*' || "attempts"."number"::text end),
	CONSTRAINT "attempts_succeeded_has_transaction" CHECK ("attempts"."state" <> 'succeeded' or "attempts"."transaction_id" is not null),
	CONSTRAINT "attempts_money_has_succeeded" CHECK ("attempts"."paid_fen" = 0 or "attempts"."state" = 'succeeded'),
	CONSTRAINT "attempts_body_is_dated" CHECK (("attempts"."prepay_body" is null) = ("attempts"."prepay_started_at" is null))
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
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
CREATE TABLE "gateway_calls" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "gateway_calls_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"out_trade_no" text collate "C" NOT NULL,
	"api" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"duration_ms" integer NOT NULL,
	"next_at" timestamp (3) with time zone,
	CONSTRAINT "gateway_calls_api_known" CHECK ("gateway_calls"."api" in ('prepay', 'query', 'close', 'certificates')),
	CONSTRAINT "gateway_calls_duration_ms_range" CHECK ("gateway_calls"."duration_ms" >= 0)
);
--> statement-breakpoint
CREATE TABLE "notify_inbox" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"protocol" text NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"status" text NOT NULL,
	"out_trade_no" text collate "C" NOT NULL,
	"order_no" text collate "C",
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
	CONSTRAINT "notify_inbox_kind_known" CHECK ("notify_inbox"."kind" in ('payment')),
	CONSTRAINT "notify_inbox_status_known" CHECK ("notify_inbox"."status" in ('verified', 'signalled', 'duplicate', 'unmatched')),
	CONSTRAINT "notify_inbox_deliveries_positive" CHECK ("notify_inbox"."deliveries" >= 1),
	CONSTRAINT "notify_inbox_unmatched_has_no_order" CHECK (("notify_inbox"."status" = 'unmatched') = ("notify_inbox"."order_no" is null)),
	CONSTRAINT "notify_inbox_signalled_is_dated" CHECK (("notify_inbox"."status" in ('signalled', 'duplicate')) = ("notify_inbox"."signalled_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "operator_actions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"action" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"reason" text,
	"actor" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"outcome" text,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "operator_actions_action_known" CHECK ("operator_actions"."action" in ('close', 'extend', 'recheck')),
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
	"stuck_reason" text,
	"stuck_since" timestamp (3) with time zone,
	"amount_fen" bigint NOT NULL,
	"paid_attempt" text collate "C",
	"paid_fen" bigint DEFAULT 0 NOT NULL,
	"payer_fen" bigint DEFAULT 0 NOT NULL,
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
	"closed_at" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "orders_pkey" PRIMARY KEY("mchid","order_no"),
	CONSTRAINT "orders_state_known" CHECK ("orders"."state" in ('creating', 'awaitingPayment', 'paid', 'closed', 'review')),
	CONSTRAINT "orders_closed_reason_known" CHECK ("orders"."closed_reason" in ('expired', 'cancelled', 'rejected', 'returned')),
	CONSTRAINT "orders_review_reason_known" CHECK ("orders"."review_reason" in ('amount_mismatch', 'evidence_conflict', 'refunded_elsewhere', 'late_payment')),
	CONSTRAINT "orders_stuck_reason_known" CHECK ("orders"."stuck_reason" in ('merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable')),
	CONSTRAINT "orders_fulfilment_known" CHECK ("orders"."fulfilment" in ('none', 'pending', 'fulfilled', 'rejected', 'overdue')),
	CONSTRAINT "orders_amount_fen_range" CHECK ("orders"."amount_fen" between 1 and 9007199254740991),
	CONSTRAINT "orders_paid_fen_range" CHECK ("orders"."paid_fen" between 0 and 9007199254740991),
	CONSTRAINT "orders_payer_fen_range" CHECK ("orders"."payer_fen" between 0 and 9007199254740991),
	CONSTRAINT "orders_returned_fen_range" CHECK ("orders"."returned_fen" between 0 and 9007199254740991),
	CONSTRAINT "orders_version_positive" CHECK ("orders"."version" >= 1),
	CONSTRAINT "orders_payer_within_paid" CHECK ("orders"."payer_fen" <= "orders"."paid_fen"),
	CONSTRAINT "orders_closed_has_reason" CHECK ("orders"."state" <> 'closed' or "orders"."closed_reason" is not null),
	CONSTRAINT "orders_closed_is_dated" CHECK (("orders"."closed_reason" is null) = ("orders"."closed_at" is null)),
	CONSTRAINT "orders_waiting_was_not_closed" CHECK ("orders"."state" not in ('creating', 'awaitingPayment') or "orders"."closed_reason" is null),
	CONSTRAINT "orders_review_has_reason" CHECK (("orders"."state" = 'review') = ("orders"."review_reason" is not null)),
	CONSTRAINT "orders_stuck_has_time" CHECK (("orders"."stuck_reason" is null) = ("orders"."stuck_since" is null)),
	CONSTRAINT "orders_paid_has_attempt" CHECK (("orders"."state" = 'paid') = ("orders"."paid_attempt" is not null)),
	CONSTRAINT "orders_paid_has_time" CHECK (("orders"."state" = 'paid') = ("orders"."paid_at" is not null)),
	CONSTRAINT "orders_paid_has_money" CHECK (("orders"."state" = 'paid') = ("orders"."paid_fen" > 0))
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_attempt_fkey" FOREIGN KEY ("mchid","order_no","out_trade_no") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "gateway_calls" ADD CONSTRAINT "gateway_calls_attempt_fkey" FOREIGN KEY ("mchid","order_no","out_trade_no") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_paid_attempt_fkey" FOREIGN KEY ("mchid","order_no","paid_attempt","paid_fen") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no","paid_fen") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_attempt_key_key" ON "attempts" USING btree ("mchid","order_no","attempt_key") WHERE "attempts"."attempt_key" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_transaction_key" ON "attempts" USING btree ("mchid","transaction_id") WHERE "attempts"."transaction_id" is not null;--> statement-breakpoint
CREATE INDEX "evidence_of_order" ON "evidence" USING btree ("mchid","order_no","at","id");--> statement-breakpoint
CREATE INDEX "gateway_calls_of_order" ON "gateway_calls" USING btree ("mchid","order_no","id");--> statement-breakpoint
CREATE INDEX "notify_inbox_list" ON "notify_inbox" USING btree ("received_at","id");--> statement-breakpoint
CREATE INDEX "notify_inbox_list_merchant" ON "notify_inbox" USING btree ("mchid","received_at","id");--> statement-breakpoint
CREATE INDEX "notify_inbox_unfinished" ON "notify_inbox" USING btree ("status","received_at","id") WHERE "notify_inbox"."status" in ('verified', 'unmatched');--> statement-breakpoint
CREATE UNIQUE INDEX "operator_actions_open_key" ON "operator_actions" USING btree ("mchid","order_no","action") WHERE "operator_actions"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "operator_actions_of_order" ON "operator_actions" USING btree ("mchid","order_no","requested_at");--> statement-breakpoint
CREATE INDEX "orders_list" ON "orders" USING btree ("mchid","created_at","order_no");--> statement-breakpoint
CREATE INDEX "orders_list_state" ON "orders" USING btree ("mchid","state","created_at","order_no");--> statement-breakpoint
CREATE INDEX "orders_list_stuck" ON "orders" USING btree ("mchid","created_at","order_no") WHERE "orders"."stuck_reason" is not null;--> statement-breakpoint
CREATE INDEX "orders_list_stuck_reason" ON "orders" USING btree ("mchid","stuck_reason","created_at","order_no") WHERE "orders"."stuck_reason" is not null;--> statement-breakpoint
CREATE INDEX "orders_sweep_creating" ON "orders" USING btree ("swept_at" NULLS FIRST,"created_at") WHERE "orders"."state" = 'creating';--> statement-breakpoint
CREATE INDEX "orders_sweep_overdue" ON "orders" USING btree ("expires_at") WHERE "orders"."state" in ('creating', 'awaitingPayment', 'review');