CREATE SEQUENCE "public"."timeline_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
SELECT setval('timeline_seq', greatest(1, (SELECT max("id") FROM "gateway_calls"), (SELECT max("seq") FROM "merchant_events")));--> statement-breakpoint
CREATE TABLE "timeline" (
	"seq" bigint PRIMARY KEY DEFAULT nextval('timeline_seq') NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"order_no" text collate "C" NOT NULL,
	"at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL,
	"source" text NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"outcome" text,
	"amount_fen" bigint,
	"reason" text,
	"detail" text,
	"count" integer,
	"wechat_at" timestamp (3) with time zone,
	"action_id" uuid,
	CONSTRAINT "timeline_source_known" CHECK ("timeline"."source" in ('paysaga', 'notify', 'gateway', 'shop', 'person')),
	CONSTRAINT "timeline_amount_fen_range" CHECK ("timeline"."amount_fen" between 0 and 9007199254740991)
);
--> statement-breakpoint
ALTER TABLE "gateway_calls" ALTER COLUMN "id" DROP IDENTITY;--> statement-breakpoint
ALTER TABLE "gateway_calls" ALTER COLUMN "id" SET DEFAULT nextval('timeline_seq');--> statement-breakpoint
ALTER TABLE "merchant_events" ALTER COLUMN "seq" DROP IDENTITY;--> statement-breakpoint
ALTER TABLE "merchant_events" ALTER COLUMN "seq" SET DEFAULT nextval('timeline_seq');--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "seq" bigint DEFAULT nextval('timeline_seq') NOT NULL;--> statement-breakpoint
ALTER TABLE "evidence" ADD COLUMN "seq" bigint DEFAULT nextval('timeline_seq') NOT NULL;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "seq" bigint DEFAULT nextval('timeline_seq') NOT NULL;--> statement-breakpoint
CREATE INDEX "timeline_of_order" ON "timeline" USING btree ("mchid","order_no","seq");--> statement-breakpoint
-- A line of the timeline is never changed and never removed.
CREATE FUNCTION "guard_timeline"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a line of the timeline is never changed' USING ERRCODE = 'PS005';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "timeline_guard" BEFORE UPDATE OR DELETE ON "timeline" FOR EACH ROW EXECUTE FUNCTION "guard_timeline"();
--> statement-breakpoint
CREATE FUNCTION "tell_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state <> OLD.state OR NEW.review_reason IS DISTINCT FROM OLD.review_reason THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome, amount_fen, wechat_at) VALUES (
			NEW.mchid, NEW.order_no, 'paysaga', 'order.' || NEW.state, NEW.order_no,
			CASE NEW.state WHEN 'paid' THEN NEW.found_by WHEN 'closed' THEN NEW.closed_reason ELSE NEW.review_reason END,
			CASE NEW.state WHEN 'paid' THEN NEW.paid_fen END, CASE NEW.state WHEN 'paid' THEN NEW.paid_at END);
	END IF;
	IF NEW.ending IS NOT NULL AND NEW.ending IS DISTINCT FROM OLD.ending THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome)
		VALUES (NEW.mchid, NEW.order_no, 'paysaga', 'order.ending', NEW.order_no, NEW.ending);
	END IF;
	IF NEW.fulfilment <> OLD.fulfilment THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome) VALUES (NEW.mchid, NEW.order_no,
			CASE WHEN NEW.fulfilment IN ('fulfilled', 'rejected') THEN 'shop' ELSE 'paysaga' END,
			'order.fulfilment', NEW.order_no, NEW.fulfilment);
	END IF;
	IF NEW.stuck_reason IS DISTINCT FROM OLD.stuck_reason THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome) VALUES (NEW.mchid, NEW.order_no, 'paysaga',
			CASE WHEN NEW.stuck_reason IS NULL THEN 'order.unstuck' ELSE 'order.stuck' END,
			NEW.order_no, coalesce(NEW.stuck_reason, OLD.stuck_reason));
	END IF;
	IF NEW.expires_at <> OLD.expires_at THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, detail) VALUES (NEW.mchid, NEW.order_no, 'paysaga',
			'order.deadline', NEW.order_no, to_char(NEW.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_tell" AFTER UPDATE ON "orders" FOR EACH ROW
	WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION "tell_order"();
--> statement-breakpoint
CREATE FUNCTION "tell_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.prepay_started_at IS NULL AND NEW.prepay_started_at IS NOT NULL THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, detail)
		VALUES (NEW.mchid, NEW.order_no, 'paysaga', 'attempt.sent', NEW.out_trade_no, NEW.product);
	END IF;
	IF NEW.refusal IS NOT NULL AND OLD.refusal IS DISTINCT FROM NEW.refusal THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome)
		VALUES (NEW.mchid, NEW.order_no, 'gateway', 'attempt.refused', NEW.out_trade_no, NEW.refusal ->> 'code');
	END IF;
	IF NEW.state <> OLD.state THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, amount_fen, detail, wechat_at) VALUES (
			NEW.mchid, NEW.order_no, CASE NEW.state WHEN 'failed' THEN 'paysaga' ELSE 'gateway' END,
			'attempt.' || CASE NEW.state WHEN 'open' THEN 'opened' WHEN 'succeeded' THEN 'paid' ELSE NEW.state END,
			NEW.out_trade_no, CASE NEW.state WHEN 'succeeded' THEN NEW.paid_fen END,
			CASE NEW.state WHEN 'open' THEN NEW.product WHEN 'succeeded' THEN NEW.transaction_id END,
			CASE NEW.state WHEN 'succeeded' THEN NEW.paid_at END);
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "attempts_tell" AFTER UPDATE OF "prepay_started_at", "refusal", "state" ON "attempts" FOR EACH ROW
	EXECUTE FUNCTION "tell_attempt"();
--> statement-breakpoint
CREATE FUNCTION "tell_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome, amount_fen, reason, detail) VALUES (
			NEW.mchid, NEW.order_no, CASE NEW.cause WHEN 'shop' THEN 'shop' WHEN 'external' THEN 'gateway' ELSE 'paysaga' END,
			'refund.requested', NEW.out_refund_no, CASE NEW.state WHEN 'requested' THEN NULL ELSE NEW.state END,
			NEW.amount_fen, NEW.reason, NEW.cause);
		RETURN NULL;
	END IF;
	IF OLD.applied_at IS NULL AND NEW.applied_at IS NOT NULL THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, amount_fen)
		VALUES (NEW.mchid, NEW.order_no, 'paysaga', 'refund.applied', NEW.out_refund_no, NEW.amount_fen);
	END IF;
	IF NEW.state <> OLD.state THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, amount_fen, detail, wechat_at) VALUES (
			NEW.mchid, NEW.order_no, CASE WHEN NEW.offline THEN 'person' ELSE 'gateway' END, 'refund.' || NEW.state,
			NEW.out_refund_no, NEW.amount_fen, NEW.refund_id, CASE WHEN NOT NEW.offline THEN NEW.succeeded_at END);
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "refunds_tell" AFTER INSERT OR UPDATE OF "applied_at", "state" ON "refunds" FOR EACH ROW
	EXECUTE FUNCTION "tell_refund"();
--> statement-breakpoint
CREATE FUNCTION "tell_notify"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	about text := CASE NEW.kind WHEN 'refund' THEN NEW.out_refund_no ELSE NEW.out_trade_no END;
BEGIN
	IF NEW.order_no IS NULL THEN
		RETURN NULL;
	END IF;
	IF TG_OP = 'INSERT' OR OLD.order_no IS NULL OR NEW.deliveries <> OLD.deliveries THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, amount_fen, detail, count) VALUES (
			NEW.mchid, NEW.order_no, 'notify', 'notify.' || NEW.kind, about,
			(NEW.evidence ->> 'totalFen')::bigint, NEW.id, NEW.deliveries);
	END IF;
	IF TG_OP = 'UPDATE' AND NEW.signalled_at IS NOT NULL AND NEW.signalled_at IS DISTINCT FROM OLD.signalled_at THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome, detail)
		VALUES (NEW.mchid, NEW.order_no, 'paysaga', 'notify.told', about, NEW.status, NEW.id);
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "notify_inbox_tell" AFTER INSERT OR UPDATE OF "order_no", "deliveries", "signalled_at" ON "notify_inbox"
	FOR EACH ROW EXECUTE FUNCTION "tell_notify"();
--> statement-breakpoint
CREATE FUNCTION "tell_merchant_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO timeline (mchid, order_no, source, kind, subject, detail)
	VALUES (NEW.mchid, NEW.order_no, 'paysaga', 'event.' || NEW.status, NEW.id, NEW.type);
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "merchant_events_tell" AFTER UPDATE OF "status" ON "merchant_events" FOR EACH ROW
	WHEN (NEW.status <> OLD.status AND NEW.status <> 'delivered') EXECUTE FUNCTION "tell_merchant_event"();
--> statement-breakpoint
CREATE FUNCTION "tell_operator_action"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome, action_id) VALUES (
		NEW.mchid, NEW.order_no, 'paysaga', 'answer.' || NEW.action,
		coalesce(NEW.out_refund_no, NEW.event_id::text, NEW.parameters ->> 'refundNo', NEW.parameters ->> 'inboxId', NEW.order_no),
		NEW.outcome, NEW.id);
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "operator_actions_tell_asked" AFTER INSERT ON "operator_actions" FOR EACH ROW
	WHEN (NEW.outcome IS NOT NULL) EXECUTE FUNCTION "tell_operator_action"();
--> statement-breakpoint
CREATE TRIGGER "operator_actions_tell" AFTER UPDATE OF "outcome" ON "operator_actions" FOR EACH ROW
	WHEN (NEW.outcome IS DISTINCT FROM OLD.outcome) EXECUTE FUNCTION "tell_operator_action"();
