-- The moves that the domain allows, held to its tables by a test; and what no writer may undo, whatever it believes.
-- Errors carry an SQLSTATE of their own (class PS) and no value of any row but its state.
INSERT INTO "order_transitions" ("from_state", "to_state") VALUES
	('creating', 'awaitingPayment'), ('creating', 'paid'), ('creating', 'closed'), ('creating', 'review'),
	('awaitingPayment', 'paid'), ('awaitingPayment', 'closed'), ('awaitingPayment', 'review'),
	('review', 'paid'), ('review', 'closed'),
	('closed', 'paid'), ('closed', 'review');
--> statement-breakpoint
INSERT INTO "attempt_transitions" ("from_state", "to_state") VALUES
	('preparing', 'open'), ('preparing', 'succeeded'), ('preparing', 'closed'), ('preparing', 'failed'),
	('open', 'succeeded'), ('open', 'closed'), ('open', 'failed'),
	('closed', 'succeeded'),
	('failed', 'succeeded'), ('failed', 'closed');
--> statement-breakpoint
CREATE FUNCTION "guard_order"() RETURNS trigger LANGUAGE plpgsql AS $$
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
	IF OLD.state = 'paid' AND (NEW.paid_attempt, NEW.paid_fen, NEW.payer_fen, NEW.paid_at)
		IS DISTINCT FROM (OLD.paid_attempt, OLD.paid_fen, OLD.payer_fen, OLD.paid_at) THEN
		RAISE EXCEPTION 'the money of a paid order may not change' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_guard" BEFORE UPDATE ON "orders" FOR EACH ROW EXECUTE FUNCTION "guard_order"();
--> statement-breakpoint
CREATE FUNCTION "guard_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state <> OLD.state AND NOT EXISTS (
		SELECT FROM attempt_transitions WHERE from_state = OLD.state AND to_state = NEW.state
	) THEN
		RAISE EXCEPTION 'an attempt may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'PS001';
	END IF;
	IF (NEW.mchid, NEW.out_trade_no, NEW.order_no, NEW.number, NEW.product, NEW.appid)
		IS DISTINCT FROM (OLD.mchid, OLD.out_trade_no, OLD.order_no, OLD.number, OLD.product, OLD.appid) THEN
		RAISE EXCEPTION 'what an attempt asks for may not change' USING ERRCODE = 'PS003';
	END IF;
	-- WeChat Pay refuses a prepay of a known number with another body.
	IF OLD.prepay_body IS NOT NULL AND NEW.prepay_body IS DISTINCT FROM OLD.prepay_body THEN
		RAISE EXCEPTION 'the prepay body of an attempt may not change' USING ERRCODE = 'PS003';
	END IF;
	IF OLD.state = 'succeeded' AND (NEW.transaction_id, NEW.paid_fen) IS DISTINCT FROM (OLD.transaction_id, OLD.paid_fen) THEN
		RAISE EXCEPTION 'the money of a succeeded attempt may not change' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "attempts_guard" BEFORE UPDATE ON "attempts" FOR EACH ROW EXECUTE FUNCTION "guard_attempt"();
--> statement-breakpoint
CREATE FUNCTION "announce_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('order_changed', NEW.mchid || '/' || NEW.order_no || '/' || NEW.version);
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_announce" AFTER UPDATE ON "orders" FOR EACH ROW
	WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION "announce_order"();
