ALTER TABLE "attempts" DROP CONSTRAINT "attempts_product_known";--> statement-breakpoint
ALTER TABLE "attempts" DROP CONSTRAINT "attempts_body_is_dated";--> statement-breakpoint
ALTER TABLE "gateway_calls" DROP CONSTRAINT "gateway_calls_api_known";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_closed_reason_known";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_product_known";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_found_by_known";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "auth_code" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "till" jsonb;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "reversing" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_auth_code_is_unused" CHECK ("attempts"."auth_code" is null or ("attempts"."product" = 'codeScan' and "attempts"."state" = 'preparing' and "attempts"."prepay_started_at" is null));--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_charge_has_till" CHECK (("attempts"."product" = 'codeScan') = ("attempts"."till" is not null));--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_reversing_is_charge" CHECK (not "attempts"."reversing" or "attempts"."product" = 'codeScan');--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_product_known" CHECK ("attempts"."product" in ('native', 'jsapi', 'miniProgram', 'app', 'h5', 'codeScan'));--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_body_is_dated" CHECK ("attempts"."product" = 'codeScan' or ("attempts"."prepay_body" is null) = ("attempts"."prepay_started_at" is null));--> statement-breakpoint
ALTER TABLE "gateway_calls" ADD CONSTRAINT "gateway_calls_api_known" CHECK ("gateway_calls"."api" in ('prepay', 'charge', 'reverse', 'query', 'close', 'refund', 'refundQuery', 'abnormalRefund', 'certificates', 'bill', 'billFile'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_closed_reason_known" CHECK ("orders"."closed_reason" in ('expired', 'cancelled', 'rejected', 'returned', 'reversed'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_product_known" CHECK ("orders"."product" in ('native', 'jsapi', 'miniProgram', 'app', 'h5', 'codeScan'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_found_by_known" CHECK ("orders"."found_by" in ('notify', 'poll', 'sync', 'close', 'operator', 'charge'));
--> statement-breakpoint
-- A code that nobody will charge any more is kept no longer; that a charge is being reversed is never taken back.
CREATE FUNCTION "guard_charge"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state <> 'preparing' THEN
		NEW.auth_code := NULL;
	END IF;
	IF OLD.auth_code IS DISTINCT FROM NEW.auth_code AND NEW.auth_code IS NOT NULL THEN
		RAISE EXCEPTION 'the code of a charge may not change' USING ERRCODE = 'PS003';
	END IF;
	NEW.reversing := OLD.reversing OR NEW.reversing;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "attempts_guard_charge" BEFORE UPDATE ON "attempts" FOR EACH ROW
	WHEN (OLD.product = 'codeScan') EXECUTE FUNCTION "guard_charge"();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "tell_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.prepay_started_at IS NULL AND NEW.prepay_started_at IS NOT NULL THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject, detail)
		VALUES (NEW.mchid, NEW.order_no, 'paysaga', CASE NEW.product WHEN 'codeScan' THEN 'attempt.charged' ELSE 'attempt.sent' END,
			NEW.out_trade_no, NEW.product);
	END IF;
	IF NEW.reversing AND NOT OLD.reversing THEN
		INSERT INTO timeline (mchid, order_no, source, kind, subject)
		VALUES (NEW.mchid, NEW.order_no, 'paysaga', 'attempt.reversing', NEW.out_trade_no);
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
CREATE OR REPLACE TRIGGER "attempts_tell" AFTER UPDATE OF "prepay_started_at", "refusal", "state", "reversing" ON "attempts" FOR EACH ROW
	EXECUTE FUNCTION "tell_attempt"();
