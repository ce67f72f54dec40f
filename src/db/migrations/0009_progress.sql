CREATE TABLE "sweeps" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"finished_at" timestamp (3) with time zone NOT NULL,
	"by" text NOT NULL,
	CONSTRAINT "sweeps_one_row" CHECK ("sweeps"."only"),
	CONSTRAINT "sweeps_by_known" CHECK ("sweeps"."by" in ('schedule', 'worker'))
);
--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "swept_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "next_due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "stalled_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "next_due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "stalled_since" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "operator_actions_sweep" ON "operator_actions" USING btree ("swept_at" NULLS FIRST,"requested_at") WHERE "operator_actions"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "orders_sweep_next_due" ON "orders" USING btree ("next_due_at") WHERE "orders"."next_due_at" is not null;--> statement-breakpoint
CREATE INDEX "orders_sweep_stalled" ON "orders" USING btree ("swept_at" NULLS FIRST) WHERE "orders"."stalled_since" is not null;--> statement-breakpoint
CREATE INDEX "refunds_sweep_next_due" ON "refunds" USING btree ("next_due_at") WHERE "refunds"."next_due_at" is not null;--> statement-breakpoint
CREATE INDEX "refunds_sweep_stalled" ON "refunds" USING btree ("swept_at" NULLS FIRST) WHERE "refunds"."stalled_since" is not null;--> statement-breakpoint
-- As before; the sweeper also notes when it offered an unfinished one.
CREATE OR REPLACE FUNCTION "guard_operator_action"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'UPDATE' THEN
		RAISE EXCEPTION 'what people did is never removed' USING ERRCODE = 'PS005';
	END IF;
	IF OLD.finished_at IS NOT NULL OR (to_jsonb(NEW) - '{outcome,finished_at,after,swept_at}'::text[])
		IS DISTINCT FROM (to_jsonb(OLD) - '{outcome,finished_at,after,swept_at}'::text[]) THEN
		RAISE EXCEPTION 'what people did is never changed' USING ERRCODE = 'PS005';
	END IF;
	RETURN NEW;
END
$$;
