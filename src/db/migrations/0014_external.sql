ALTER TABLE "attempts" DROP CONSTRAINT "attempts_refunds_within_paid";--> statement-breakpoint
ALTER TABLE "operator_actions" DROP CONSTRAINT "operator_actions_action_known";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_stuck_reason_known";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_own_stuck_reason_known";--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_cause_known";--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_amount_within_total";--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_own_number";--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_own_number_derived";--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_successor_is_own";--> statement-breakpoint
DROP INDEX "refunds_own_key";--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_own_key" ON "refunds" USING btree ("mchid","out_trade_no") WHERE "refunds"."cause" not in ('shop', 'external') and "refunds"."state" not in ('rejected', 'closed');--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_action_known" CHECK ("operator_actions"."action" in ('close', 'extend', 'hold', 'release', 'recheck', 'resolve', 'refund', 'fulfilment', 'resend', 'abnormalRefund', 'reissue', 'paidOffline', 'externalRefund', 'redrive'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_stuck_reason_known" CHECK ("orders"."stuck_reason" in ('merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'not_written', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable', 'refunded_elsewhere'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_own_stuck_reason_known" CHECK ("orders"."own_stuck_reason" in ('merchant_config', 'gateway_unreachable', 'close_unconfirmed', 'not_written', 'review', 'merchant_balance', 'refund_failed', 'shop_unreachable', 'refunded_elsewhere'));--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_external_is_at_wechat" CHECK ("refunds"."cause" <> 'external' or ("refunds"."refund_id" is not null and "refunds"."state" not in ('requested', 'rejected')));--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_cause_known" CHECK ("refunds"."cause" in ('shop', 'late_payment', 'second_payment', 'fulfilment_rejected', 'fulfilment_overdue', 'operator', 'external'));--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_amount_within_total" CHECK ("refunds"."cause" = 'external' or "refunds"."amount_fen" <= "refunds"."total_fen");--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_own_number" CHECK ("refunds"."cause" = 'external' or ("refunds"."cause" <> 'shop') = (position('@' in "refunds"."out_refund_no") > 0));--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_own_number_derived" CHECK ("refunds"."cause" in ('shop', 'external') or starts_with("refunds"."out_refund_no", "refunds"."out_trade_no" || '@return'));--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_successor_is_own" CHECK (("refunds"."predecessor" is not null) = ("refunds"."cause" not in ('shop', 'external') and "refunds"."out_refund_no" <> "refunds"."out_trade_no" || '@return'));--> statement-breakpoint
-- By the difference: a sum taken again would miss what another transaction reserves at this moment. What PaySaga or the shop
-- asks for never takes the sum beyond what was paid; a refund that somebody else made is a fact, and only leaves less.
CREATE OR REPLACE FUNCTION "move_refund_sums"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	refunding bigint := 0;
	refunded bigint := 0;
	is_beyond boolean;
BEGIN
	IF TG_OP <> 'INSERT' THEN
		IF OLD.state IN ('requested', 'processing', 'abnormal') THEN refunding := -OLD.amount_fen; END IF;
		IF OLD.state = 'succeeded' THEN refunded := -OLD.amount_fen; END IF;
	END IF;
	IF TG_OP <> 'DELETE' THEN
		IF NEW.state IN ('requested', 'processing', 'abnormal') THEN refunding := refunding + NEW.amount_fen; END IF;
		IF NEW.state = 'succeeded' THEN refunded := refunded + NEW.amount_fen; END IF;
	END IF;
	IF refunding <> 0 OR refunded <> 0 THEN
		UPDATE attempts SET refunding_fen = refunding_fen + refunding, refunded_fen = refunded_fen + refunded
			WHERE (mchid, out_trade_no) = (coalesce(NEW.mchid, OLD.mchid), coalesce(NEW.out_trade_no, OLD.out_trade_no))
			RETURNING refunding_fen + refunded_fen > paid_fen INTO is_beyond;
		IF refunding + refunded > 0 AND is_beyond AND NEW.cause <> 'external' THEN
			RAISE EXCEPTION 'refunds may not pass what was paid'
				USING ERRCODE = 'check_violation', CONSTRAINT = 'attempts_refunds_within_paid';
		END IF;
	END IF;
	RETURN NULL;
END
$$;
