-- As 0001: the moves that the domain allows, held to its tables by a test, and what no writer may undo. Beyond that, an
-- attempt's sums follow its refunds here and nowhere else, so that `attempts_refunds_within_paid` stops every overdraw.
INSERT INTO "fulfilment_transitions" ("from_state", "to_state") VALUES
	('none', 'pending'),
	('pending', 'fulfilled'), ('pending', 'rejected'), ('pending', 'overdue'),
	('overdue', 'fulfilled');
--> statement-breakpoint
INSERT INTO "refund_transitions" ("from_state", "to_state") VALUES
	('requested', 'processing'), ('requested', 'succeeded'), ('requested', 'rejected'), ('requested', 'closed'),
	('requested', 'abnormal'),
	('processing', 'succeeded'), ('processing', 'closed'), ('processing', 'abnormal'),
	('abnormal', 'processing'), ('abnormal', 'succeeded'), ('abnormal', 'closed');
--> statement-breakpoint
-- Until now an order was stuck on nothing but itself, and one attempt's payment was the order's.
UPDATE "orders" SET "own_stuck_reason" = "stuck_reason" WHERE "stuck_reason" IS NOT NULL;
--> statement-breakpoint
UPDATE "attempts" SET "paid_at" = "orders"."paid_at" FROM "orders"
	WHERE ("orders"."mchid", "orders"."paid_attempt") = ("attempts"."mchid", "attempts"."out_trade_no");
--> statement-breakpoint
CREATE FUNCTION "guard_fulfilment"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (
		SELECT FROM fulfilment_transitions WHERE from_state = OLD.fulfilment AND to_state = NEW.fulfilment
	) THEN
		RAISE EXCEPTION 'a fulfilment may not go from % to %', OLD.fulfilment, NEW.fulfilment USING ERRCODE = 'PS001';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_guard_fulfilment" BEFORE UPDATE ON "orders" FOR EACH ROW
	WHEN (OLD.fulfilment IS DISTINCT FROM NEW.fulfilment) EXECUTE FUNCTION "guard_fulfilment"();
--> statement-breakpoint
CREATE FUNCTION "guard_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state <> OLD.state AND NOT EXISTS (
		SELECT FROM refund_transitions WHERE from_state = OLD.state AND to_state = NEW.state
	) THEN
		RAISE EXCEPTION 'a refund may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'PS001';
	END IF;
	IF (NEW.mchid, NEW.out_refund_no, NEW.order_no, NEW.out_trade_no, NEW.cause, NEW.reason, NEW.predecessor,
		NEW.body_hash, NEW.created_at)
		IS DISTINCT FROM (OLD.mchid, OLD.out_refund_no, OLD.order_no, OLD.out_trade_no, OLD.cause, OLD.reason,
		OLD.predecessor, OLD.body_hash, OLD.created_at) THEN
		RAISE EXCEPTION 'what a refund asks for may not change' USING ERRCODE = 'PS003';
	END IF;
	-- WeChat Pay refuses a repeat of a number with other parameters.
	IF OLD.applied_at IS NOT NULL AND NEW.applied_at IS DISTINCT FROM OLD.applied_at THEN
		RAISE EXCEPTION 'a refund was first applied for only once' USING ERRCODE = 'PS003';
	END IF;
	IF (NEW.amount_fen, NEW.total_fen) IS DISTINCT FROM (OLD.amount_fen, OLD.total_fen) THEN
		RAISE EXCEPTION 'the money of a refund may not change' USING ERRCODE = 'PS004';
	END IF;
	IF OLD.state = 'succeeded' AND (NEW.succeeded_at, NEW.offline) IS DISTINCT FROM (OLD.succeeded_at, OLD.offline) THEN
		RAISE EXCEPTION 'how a refund succeeded may not change' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "refunds_guard" BEFORE UPDATE ON "refunds" FOR EACH ROW EXECUTE FUNCTION "guard_refund"();
--> statement-breakpoint
-- By the difference: a sum taken again would miss what another transaction reserves at this moment.
CREATE FUNCTION "move_refund_sums"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	refunding bigint := 0;
	refunded bigint := 0;
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
			WHERE (mchid, out_trade_no) = (coalesce(NEW.mchid, OLD.mchid), coalesce(NEW.out_trade_no, OLD.out_trade_no));
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "refunds_move_sums" AFTER INSERT OR DELETE OR UPDATE OF "state" ON "refunds" FOR EACH ROW
	EXECUTE FUNCTION "move_refund_sums"();
--> statement-breakpoint
-- Only what a trigger of refunds writes passes: that is a trigger within a trigger.
CREATE FUNCTION "guard_refund_sums"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF pg_trigger_depth() < 2 THEN
		RAISE EXCEPTION 'the sums of an attempt are those of its refunds' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "attempts_guard_refund_sums" BEFORE UPDATE ON "attempts" FOR EACH ROW
	WHEN ((OLD.refunding_fen, OLD.refunded_fen) IS DISTINCT FROM (NEW.refunding_fen, NEW.refunded_fen))
	EXECUTE FUNCTION "guard_refund_sums"();
--> statement-breakpoint
CREATE TRIGGER "attempts_begin_without_refunds" BEFORE INSERT ON "attempts" FOR EACH ROW
	WHEN (NEW.refunding_fen <> 0 OR NEW.refunded_fen <> 0) EXECUTE FUNCTION "guard_refund_sums"();
--> statement-breakpoint
CREATE FUNCTION "guard_merchant_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (NEW.id, NEW.mchid, NEW.order_no, NEW.out_refund_no, NEW.type, NEW.body, NEW.created_at)
		IS DISTINCT FROM (OLD.id, OLD.mchid, OLD.order_no, OLD.out_refund_no, OLD.type, OLD.body, OLD.created_at) THEN
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
CREATE TRIGGER "merchant_events_guard" BEFORE UPDATE ON "merchant_events" FOR EACH ROW
	EXECUTE FUNCTION "guard_merchant_event"();
