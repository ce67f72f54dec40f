ALTER TABLE "deliveries" ADD COLUMN "known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "evidence" ADD COLUMN "known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "gateway_calls" ADD COLUMN "known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "merchant_events" ADD COLUMN "known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "known_at" timestamp (3) with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "timeline" ADD COLUMN "gateway" jsonb;--> statement-breakpoint
-- A line keeps what WeChat Pay answered as it came, its HTTP status too.
CREATE OR REPLACE FUNCTION "tell_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.prepay_started_at IS NULL AND NEW.prepay_started_at IS NOT NULL THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, detail)
		VALUES (NEW.mchid, NEW.order_no, 'paysaga', 'attempt.sent', NEW.out_trade_no, NEW.product);
	END IF;
	IF NEW.refusal IS NOT NULL AND OLD.refusal IS DISTINCT FROM NEW.refusal THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome, reason, detail, gateway) VALUES (NEW.mchid,
			NEW.order_no, 'gateway', 'attempt.refused', NEW.out_trade_no, NEW.refusal ->> 'code',
			NEW.refusal ->> 'message', refused_parameter(NEW.refusal), NEW.refusal);
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
CREATE OR REPLACE FUNCTION "tell_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	refusal jsonb := CASE NEW.state WHEN 'rejected' THEN NEW.gateway END;
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
		INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome, amount_fen, reason, detail, wechat_at, gateway)
		VALUES (NEW.mchid, NEW.order_no, CASE WHEN NEW.offline THEN 'person' ELSE 'gateway' END, 'refund.' || NEW.state,
			NEW.out_refund_no, refusal ->> 'code', NEW.amount_fen, refusal ->> 'message',
			coalesce(NEW.refund_id, refused_parameter(refusal)), CASE WHEN NOT NEW.offline THEN NEW.succeeded_at END, refusal);
	END IF;
	RETURN NULL;
END
$$;
