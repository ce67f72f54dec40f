CREATE TABLE "approvals" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"out_refund_no" text collate "C" NOT NULL,
	"amount_fen" bigint NOT NULL,
	"reason" text,
	"source" jsonb,
	"body_hash" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"asked_by_key" uuid NOT NULL,
	"asked_by_name" text,
	"decided_at" timestamp (3) with time zone,
	"decided_by_key" uuid,
	"decided_by_name" text,
	"decision_reason" text,
	CONSTRAINT "approvals_refund_key" UNIQUE("mchid","out_refund_no"),
	CONSTRAINT "approvals_status_known" CHECK ("approvals"."status" in ('pending', 'approved', 'rejected')),
	CONSTRAINT "approvals_amount_fen_range" CHECK ("approvals"."amount_fen" between 1 and 9007199254740991),
	CONSTRAINT "approvals_decided_is_whole" CHECK (num_nonnulls("approvals"."decided_at", "approvals"."decided_by_key", "approvals"."decided_by_name", "approvals"."decision_reason")
        = case "approvals"."status" when 'pending' then 0 else 4 end),
	CONSTRAINT "approvals_decided_by_another" CHECK ("approvals"."decided_by_key" <> "approvals"."asked_by_key" and "approvals"."decided_by_name" is distinct from "approvals"."asked_by_name" or "approvals"."decided_by_key" is null)
);
--> statement-breakpoint
ALTER TABLE "operator_actions" DROP CONSTRAINT "operator_actions_action_known";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "role" text DEFAULT 'operator' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "refund_limit_fen" bigint;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "amount_fen" bigint;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_order_fkey" FOREIGN KEY ("mchid","order_no") REFERENCES "public"."orders"("mchid","order_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_asked_by_fkey" FOREIGN KEY ("asked_by_key") REFERENCES "public"."api_keys"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_decided_by_fkey" FOREIGN KEY ("decided_by_key") REFERENCES "public"."api_keys"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approvals_of_order" ON "approvals" USING btree ("mchid","order_no");--> statement-breakpoint
CREATE INDEX "approvals_by_status" ON "approvals" USING btree ("mchid","status","created_at","id");--> statement-breakpoint
CREATE INDEX "approvals_waiting" ON "approvals" USING btree ("mchid","created_at") WHERE "approvals"."status" = 'pending';--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_role_known" CHECK ("api_keys"."role" in ('operator', 'readOnly'));--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_refund_limit_fen_range" CHECK ("api_keys"."refund_limit_fen" between 0 and 9007199254740991);--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_only_operators_are_limited" CHECK (("api_keys"."kind" = 'operator' and "api_keys"."role" = 'operator') or "api_keys"."refund_limit_fen" is null);--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_only_operators_have_roles" CHECK ("api_keys"."kind" = 'operator' or "api_keys"."role" = 'operator');--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_amount_fen_range" CHECK ("operator_actions"."amount_fen" between 1 and 9007199254740991);--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_action_known" CHECK ("operator_actions"."action" in ('close', 'extend', 'hold', 'release', 'recheck', 'resolve', 'refund', 'fulfilment', 'resend', 'abnormalRefund', 'reissue', 'paidOffline', 'externalRefund', 'redrive', 'rescue', 'approve', 'reject'));
--> statement-breakpoint
-- What was asked and what was decided stays; a decision is made once.
CREATE FUNCTION "guard_approval"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'UPDATE' THEN
		RAISE EXCEPTION 'what people did is never removed' USING ERRCODE = 'PS005';
	END IF;
	IF OLD.status <> 'pending'
		OR (to_jsonb(NEW) - '{status,decided_at,decided_by_key,decided_by_name,decision_reason}'::text[])
		IS DISTINCT FROM (to_jsonb(OLD) - '{status,decided_at,decided_by_key,decided_by_name,decision_reason}'::text[]) THEN
		RAISE EXCEPTION 'what people did is never changed' USING ERRCODE = 'PS005';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "approvals_guard" BEFORE UPDATE OR DELETE ON "approvals" FOR EACH ROW EXECUTE FUNCTION "guard_approval"();
--> statement-breakpoint
CREATE TRIGGER "approvals_guard_all" BEFORE TRUNCATE ON "approvals" FOR EACH STATEMENT EXECUTE FUNCTION "guard_approval"();
--> statement-breakpoint
-- Money that waits for an approval leaves only with it, and only as it was approved. The order's lock keeps both apart.
CREATE FUNCTION "guard_approved_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (
		SELECT FROM approvals
		WHERE mchid = NEW.mchid AND out_refund_no = NEW.out_refund_no AND order_no = NEW.order_no
			AND (status, amount_fen, body_hash) IS DISTINCT FROM ('approved', NEW.amount_fen, NEW.body_hash)
	) THEN
		RAISE EXCEPTION 'a refund begins as it was approved' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "refunds_guard_approved" BEFORE INSERT ON "refunds" FOR EACH ROW
	WHEN (NEW.cause = 'shop') EXECUTE FUNCTION "guard_approved_refund"();
