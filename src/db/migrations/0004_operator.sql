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
	CONSTRAINT "bulks_action_known" CHECK ("bulks"."action" in ('hold', 'release', 'recheck', 'extend')),
	CONSTRAINT "bulks_extend_has_time" CHECK (("bulks"."action" = 'extend') = ("bulks"."until" is not null))
);
--> statement-breakpoint
ALTER TABLE "operator_actions" DROP CONSTRAINT "operator_actions_action_known";--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "before" jsonb;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "after" jsonb;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "bulk_id" uuid;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "found_by" text;--> statement-breakpoint
ALTER TABLE "bulk_orders" ADD CONSTRAINT "bulk_orders_bulk_fkey" FOREIGN KEY ("bulk_id") REFERENCES "public"."bulks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bulk_orders_open" ON "bulk_orders" USING btree ("bulk_id","seq") WHERE "bulk_orders"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "bulk_orders_failed" ON "bulk_orders" USING btree ("bulk_id","seq") WHERE "bulk_orders"."outcome" <> 'done';--> statement-breakpoint
CREATE INDEX "bulks_list" ON "bulks" USING btree ("mchid","created_at","id");--> statement-breakpoint
CREATE INDEX "bulks_sweep" ON "bulks" USING btree ("swept_at" NULLS FIRST,"created_at") WHERE "bulks"."finished_at" is null;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_bulk_fkey" FOREIGN KEY ("bulk_id") REFERENCES "public"."bulks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "gateway_calls_recent" ON "gateway_calls" USING btree ("mchid","at");--> statement-breakpoint
CREATE INDEX "orders_stuck_oldest" ON "orders" USING btree ("mchid","stuck_since","order_no") WHERE "orders"."stuck_reason" is not null;--> statement-breakpoint
CREATE INDEX "orders_paid_recent" ON "orders" USING btree ("mchid","paid_at") WHERE "orders"."state" = 'paid';--> statement-breakpoint
CREATE INDEX "refunds_of_refund_id" ON "refunds" USING btree ("mchid","refund_id") WHERE "refunds"."refund_id" is not null;--> statement-breakpoint
CREATE INDEX "refunds_recent" ON "refunds" USING btree ("mchid","created_at");--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_action_known" CHECK ("operator_actions"."action" in ('close', 'extend', 'hold', 'release', 'recheck', 'resolve', 'refund', 'fulfilment', 'resend', 'abnormalRefund', 'reissue', 'paidOffline', 'redrive'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_found_by_known" CHECK ("orders"."found_by" in ('notify', 'poll', 'sync', 'close', 'operator'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_found_is_paid" CHECK ("orders"."found_by" is null or "orders"."state" = 'paid');