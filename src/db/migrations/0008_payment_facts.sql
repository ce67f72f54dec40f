ALTER TABLE "orders" DROP CONSTRAINT "orders_payer_fen_range";--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_payer_within_paid";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "payment" jsonb;--> statement-breakpoint
ALTER TABLE "orders" DROP COLUMN "payer_fen";--> statement-breakpoint
CREATE OR REPLACE FUNCTION "guard_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state <> OLD.state AND NOT EXISTS (
		SELECT FROM order_transitions WHERE from_state = OLD.state AND to_state = NEW.state
	) THEN
		RAISE EXCEPTION 'an order may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'PS001';
	END IF;
	IF NEW.version < OLD.version THEN
		RAISE EXCEPTION 'the version of an order may only grow' USING ERRCODE = 'PS002';
	END IF;
	IF (NEW.mchid, NEW.order_no, NEW.amount_fen, NEW.body_hash, NEW.created_at)
		IS DISTINCT FROM (OLD.mchid, OLD.order_no, OLD.amount_fen, OLD.body_hash, OLD.created_at) THEN
		RAISE EXCEPTION 'what was ordered may not change' USING ERRCODE = 'PS003';
	END IF;
	IF OLD.state = 'paid' AND (NEW.paid_attempt, NEW.paid_fen, NEW.paid_at)
		IS DISTINCT FROM (OLD.paid_attempt, OLD.paid_fen, OLD.paid_at) THEN
		RAISE EXCEPTION 'the money of a paid order may not change' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
