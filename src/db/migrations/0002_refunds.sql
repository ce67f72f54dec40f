CREATE TABLE "deliveries" (
	"event_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"status" integer NOT NULL,
	"outcome" text NOT NULL,
	"duration_ms" integer NOT NULL,
	CONSTRAINT "deliveries_pkey" PRIMARY KEY("event_id","at"),
	CONSTRAINT "deliveries_status_range" CHECK ("deliveries"."status" between 0 and 999),
	CONSTRAINT "deliveries_duration_ms_range" CHECK ("deliveries"."duration_ms" >= 0)
);
--> statement-breakpoint
CREATE TABLE "fulfilment_transitions" (
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "fulfilment_transitions_pkey" PRIMARY KEY("from_state","to_state")
);
--> statement-breakpoint
CREATE TABLE "merchant_events" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "merchant_events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"predecessor" text collate "C",
	"trouble" text,
	"body_hash" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"applied_at" timestamp (3) with time zone,
	"succeeded_at" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "refunds_pkey" PRIMARY KEY("mchid","out_refund_no"),
	CONSTRAINT "refunds_state_known" CHECK ("refunds"."state" in ('requested', 'processing', 'succeeded', 'rejected', 'closed', 'abnormal')),
	CONSTRAINT "refunds_cause_known" CHECK ("refunds"."cause" in ('shop', 'late_payment', 'second_payment', 'fulfilment_rejected', 'fulfilment_overdue', 'operator')),
	CONSTRAINT "refunds_trouble_known" CHECK ("refunds"."trouble" in ('merchant_config', 'gateway_unreachable', 'merchant_balance', 'refund_failed')),
	CONSTRAINT "refunds_amount_fen_range" CHECK ("refunds"."amount_fen" between 1 and 9007199254740991),
	CONSTRAINT "refunds_total_fen_range" CHECK ("refunds"."total_fen" between 1 and 9007199254740991),
	CONSTRAINT "refunds_amount_within_total" CHECK ("refunds"."amount_fen" <= "refunds"."total_fen"),
	CONSTRAINT "refunds_own_number" CHECK (("refunds"."cause" <> 'shop') = (position('@' in "refunds"."out_refund_no") > 0)),
	CONSTRAINT "refunds_own_number_derived" CHECK ("refunds"."cause" = 'shop' or starts_with("refunds"."out_refund_no", "refunds"."out_trade_no" || '@return')),
	CONSTRAINT "refunds_successor_is_own" CHECK (("refunds"."predecessor" is not null) = ("refunds"."cause" <> 'shop' and "refunds"."out_refund_no" <> "refunds"."out_trade_no" || '@return')),
	CONSTRAINT "refunds_shop_has_body" CHECK (("refunds"."cause" = 'shop') = ("refunds"."body_hash" is not null)),
	CONSTRAINT "refunds_succeeded_has_time" CHECK (("refunds"."state" = 'succeeded') = ("refunds"."succeeded_at" is not null)),
	CONSTRAINT "refunds_offline_has_succeeded" CHECK (not "refunds"."offline" or "refunds"."state" = 'succeeded'),
	CONSTRAINT "refunds_trouble_is_unsettled" CHECK ("refunds"."trouble" is null or "refunds"."state" in ('requested', 'processing', 'abnormal'))
);
--> statement-breakpoint
ALTER TABLE "gateway_calls" DROP CONSTRAINT "gateway_calls_api_known";--> statement-breakpoint
ALTER TABLE "notify_inbox" DROP CONSTRAINT "notify_inbox_kind_known";--> statement-breakpoint
ALTER TABLE "operator_actions" DROP CONSTRAINT "operator_actions_action_known";--> statement-breakpoint
DROP INDEX "operator_actions_open_key";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "paid_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "refund_applied_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD COLUMN "out_refund_no" text collate "C";--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "out_refund_no" text collate "C";--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "event_id" uuid;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "own_stuck_reason" text;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_event_fkey" FOREIGN KEY ("event_id") REFERENCES "public"."merchant_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_refund_fkey" FOREIGN KEY ("mchid","out_refund_no") REFERENCES "public"."refunds"("mchid","out_refund_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_attempt_fkey" FOREIGN KEY ("mchid","order_no","out_trade_no","total_fen") REFERENCES "public"."attempts"("mchid","order_no","out_trade_no","paid_fen") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_predecessor_fkey" FOREIGN KEY ("mchid","predecessor") REFERENCES "public"."refunds"("mchid","out_refund_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "merchant_events_paid_key" ON "merchant_events" USING btree ("mchid","order_no") WHERE "merchant_events"."type" = 'order.paid';--> statement-breakpoint
CREATE INDEX "merchant_events_of_order" ON "merchant_events" USING btree ("mchid","order_no","seq");--> statement-breakpoint
CREATE INDEX "merchant_events_sweep" ON "merchant_events" USING btree ("swept_at" NULLS FIRST,coalesce("next_at", "created_at")) WHERE "merchant_events"."status" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_predecessor_key" ON "refunds" USING btree ("mchid","predecessor") WHERE "refunds"."predecessor" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_own_key" ON "refunds" USING btree ("mchid","out_trade_no") WHERE "refunds"."cause" <> 'shop' and "refunds"."state" not in ('rejected', 'closed');--> statement-breakpoint
CREATE INDEX "refunds_of_attempt" ON "refunds" USING btree ("mchid","out_trade_no","seq");--> statement-breakpoint
CREATE INDEX "refunds_sweep" ON "refunds" USING btree ("swept_at" NULLS FIRST,"created_at") WHERE "refunds"."state" in ('requested', 'processing', 'abnormal');--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_refund_fkey" FOREIGN KEY ("mchid","out_refund_no") REFERENCES "public"."refunds"("mchid","out_refund_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_event_fkey" FOREIGN KEY ("event_id") REFERENCES "public"."merchant_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "orders_sweep_due" ON "orders" USING btree ("due_at") WHERE "orders"."due_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "operator_actions_open_key" ON "operator_actions" USING btree ("mchid","order_no","action",coalesce("out_refund_no", ''),coalesce("event_id"::text, '')) WHERE "operator_actions"."finished_at" is null;--> statement-breakpoint
ALTER TABLE "gateway_calls" ADD CONSTRAINT "gateway_calls_api_known" CHECK ("gateway_calls"."api" in ('prepay', 'query', 'close', 'refund', 'refundQuery', 'abnormalRefund', 'certificates'));--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_refund_is_named" CHECK (("notify_inbox"."kind" = 'refund') = ("notify_inbox"."out_refund_no" is not null));--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_kind_known" CHECK ("notify_inbox"."kind" in ('payment', 'refund'));--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_action_known" CHECK ("operator_actions"."action" in ('close', 'extend', 'recheck', 'resolve', 'fulfilment', 'resend', 'abnormalRefund', 'reissue', 'paidOffline', 'redrive'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_own_stuck_reason_known" CHECK ("orders"."own_stuck_reason" in ('merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable'));