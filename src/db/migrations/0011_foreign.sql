ALTER TABLE "orders" DROP CONSTRAINT "orders_review_reason_known";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "foreign_trade" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_foreign_is_not_ours" CHECK (not "attempts"."foreign_trade" or ("attempts"."state" = 'failed' and "attempts"."code_given_at" is null and "attempts"."paid_fen" = 0));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_review_reason_known" CHECK ("orders"."review_reason" in ('amount_mismatch', 'evidence_conflict', 'refunded_elsewhere', 'late_payment', 'number_in_use'));--> statement-breakpoint
-- Whose a trade is does not change.
CREATE FUNCTION "guard_foreign_trade"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a trade of somebody else stays theirs' USING ERRCODE = 'PS004';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "attempts_guard_foreign_trade" BEFORE UPDATE ON "attempts" FOR EACH ROW
	WHEN (OLD.foreign_trade AND NOT NEW.foreign_trade) EXECUTE FUNCTION "guard_foreign_trade"();
