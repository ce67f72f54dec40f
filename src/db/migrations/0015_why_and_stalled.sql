ALTER TABLE "reconciliations" ADD COLUMN "stalled_since" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "bills" SET "distrust_why" = null WHERE "distrust" IS null;--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_why_is_of_distrust" CHECK ("bills"."distrust_why" is null or "bills"."distrust" is not null);--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_stalled_is_unfinished" CHECK ("reconciliations"."stalled_since" is null or "reconciliations"."finished_at" is null);