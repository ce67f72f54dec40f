ALTER TABLE "merchant_events" DROP CONSTRAINT "merchant_events_type_known";--> statement-breakpoint
ALTER TABLE "merchant_events" ALTER COLUMN "order_no" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD COLUMN "date" date;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD COLUMN "subject" text;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD COLUMN "resent_by" text;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD COLUMN "resend_reason" text;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD COLUMN "resent_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_day_fkey" FOREIGN KEY ("mchid","date") REFERENCES "public"."reconciliations"("mchid","date") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "discrepancies_open" ON "discrepancies" USING btree ("mchid","class","opened_at") WHERE "discrepancies"."status" = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "merchant_events_day_key" ON "merchant_events" USING btree ("mchid","date","subject") WHERE "merchant_events"."date" is not null;--> statement-breakpoint
CREATE INDEX "merchant_events_untold" ON "merchant_events" USING btree ("mchid","created_at") WHERE "merchant_events"."date" is not null and "merchant_events"."status" = 'exhausted';--> statement-breakpoint
CREATE INDEX "reconciliations_recent" ON "reconciliations" USING btree ("date","mchid","state");--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_is_of_order_or_day" CHECK (case when "merchant_events"."type" in ('reconciliation.completed', 'discrepancy.opened') then "merchant_events"."order_no" is null and num_nulls("merchant_events"."date", "merchant_events"."subject") = 0
        else "merchant_events"."order_no" is not null and num_nulls("merchant_events"."date", "merchant_events"."subject") = 2 end);--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_resend_is_whole" CHECK (num_nulls("merchant_events"."resent_by", "merchant_events"."resend_reason", "merchant_events"."resent_at") in (0, 3));--> statement-breakpoint
ALTER TABLE "merchant_events" ADD CONSTRAINT "merchant_events_type_known" CHECK ("merchant_events"."type" in ('order.paid', 'order.closed', 'order.review', 'order.compensating', 'refund.succeeded', 'refund.rejected', 'refund.closed', 'refund.abnormal', 'reconciliation.completed', 'discrepancy.opened'));--> statement-breakpoint
CREATE OR REPLACE FUNCTION "guard_merchant_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (NEW.id, NEW.mchid, NEW.order_no, NEW.out_refund_no, NEW.date, NEW.subject, NEW.type, NEW.body, NEW.created_at)
		IS DISTINCT FROM
		(OLD.id, OLD.mchid, OLD.order_no, OLD.out_refund_no, OLD.date, OLD.subject, OLD.type, OLD.body, OLD.created_at) THEN
		RAISE EXCEPTION 'what an event says may not change' USING ERRCODE = 'PS003';
	END IF;
	IF OLD.delivered_at IS NOT NULL AND NEW.delivered_at IS DISTINCT FROM OLD.delivered_at THEN
		RAISE EXCEPTION 'what the shop was told, it was told' USING ERRCODE = 'PS003';
	END IF;
	IF OLD.status = 'withdrawn' AND NEW.status <> 'withdrawn' THEN
		RAISE EXCEPTION 'an event may not go from % to %', OLD.status, NEW.status USING ERRCODE = 'PS001';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
-- A timeline is an order's.
DROP TRIGGER "merchant_events_tell" ON "merchant_events";
--> statement-breakpoint
CREATE TRIGGER "merchant_events_tell" AFTER UPDATE OF "status" ON "merchant_events" FOR EACH ROW
	WHEN (NEW.order_no IS NOT NULL AND NEW.status <> OLD.status AND NEW.status <> 'delivered')
	EXECUTE FUNCTION "tell_merchant_event"();
