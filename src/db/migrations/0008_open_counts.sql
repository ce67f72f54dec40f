ALTER TABLE "reconciliation_sums" ADD COLUMN "open" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "reconciliation_sums" s SET "open" = (SELECT count(*) FROM "discrepancies" d
	WHERE (d."mchid", d."date", d."class", d."subject", d."status") = (s."mchid", s."date", s."class", s."subject", 'open'))
	WHERE s."is_discrepant";--> statement-breakpoint
ALTER TABLE "reconciliation_sums" ADD CONSTRAINT "reconciliation_sums_open_range" CHECK ("reconciliation_sums"."open" between 0 and "reconciliation_sums"."count");