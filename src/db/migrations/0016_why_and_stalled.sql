ALTER TABLE "reconciliations" DROP CONSTRAINT "reconciliations_waits_for_known";--> statement-breakpoint
UPDATE "bills" SET "distrust_why" = null WHERE "distrust" IS null;--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_why_is_of_distrust" CHECK ("bills"."distrust_why" is null or "bills"."distrust" is not null);--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_waits_for_known" CHECK ("reconciliations"."waits_for" in ('trade_bill', 'fundflow_bill', 'gateway', 'repairs', 'failing', 'stalled'));