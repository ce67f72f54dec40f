ALTER TABLE "notify_inbox" DROP CONSTRAINT "notify_inbox_kind_known";--> statement-breakpoint
ALTER TABLE "notify_inbox" DROP CONSTRAINT "notify_inbox_status_known";--> statement-breakpoint
ALTER TABLE "notify_inbox" DROP CONSTRAINT "notify_inbox_unmatched_has_no_order";--> statement-breakpoint
ALTER TABLE "notify_inbox" ALTER COLUMN "out_trade_no" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD COLUMN "event_type" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "notify_inbox_unsupported" ON "notify_inbox" USING btree ("mchid","received_at","id") WHERE "notify_inbox"."status" = 'unsupported';--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_trade_is_named" CHECK ("notify_inbox"."kind" = 'other' or "notify_inbox"."out_trade_no" is not null);--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_other_is_unsupported" CHECK (("notify_inbox"."kind" = 'other') = ("notify_inbox"."status" = 'unsupported'));--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_kind_known" CHECK ("notify_inbox"."kind" in ('payment', 'refund', 'other'));--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_status_known" CHECK ("notify_inbox"."status" in ('verified', 'signalled', 'duplicate', 'unmatched', 'unsupported'));--> statement-breakpoint
ALTER TABLE "notify_inbox" ADD CONSTRAINT "notify_inbox_unmatched_has_no_order" CHECK (("notify_inbox"."status" in ('unmatched', 'unsupported')) = ("notify_inbox"."order_no" is null));