ALTER TABLE "bills" DROP CONSTRAINT "bills_distrust_known";--> statement-breakpoint
ALTER TABLE "discrepancies" ADD COLUMN "rechecked_by" text;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD COLUMN "recheck_reason" text;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD COLUMN "rechecked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_distrust_known" CHECK ("bills"."distrust" in ('hash', 'unreadable', 'summary', 'refused'));--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_recheck_is_whole" CHECK (num_nulls("discrepancies"."rechecked_by", "discrepancies"."recheck_reason", "discrepancies"."rechecked_at") in (0, 3));