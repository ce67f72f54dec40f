ALTER TABLE "refunds" DROP CONSTRAINT "refunds_successor_is_own";--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_successor_is_own" CHECK ("refunds"."cause" = 'external' or ("refunds"."predecessor" is not null) = ("refunds"."cause" <> 'shop' and "refunds"."out_refund_no" <> "refunds"."out_trade_no" || '@return'));--> statement-breakpoint
-- A number that somebody else used first is their refund: only in becoming that, and only while PaySaga's is not known to have been
-- taken, does a refund change what it is about.
CREATE OR REPLACE FUNCTION "guard_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	becomes_external boolean := OLD.cause <> 'external' AND NEW.cause = 'external' AND NEW.state = 'processing'
		AND OLD.state IN ('requested', 'processing', 'abnormal', 'rejected');
BEGIN
	IF NEW.state <> OLD.state AND NOT becomes_external AND NOT EXISTS (
		SELECT FROM refund_transitions WHERE from_state = OLD.state AND to_state = NEW.state
	) THEN
		RAISE EXCEPTION 'a refund may not go from % to %', OLD.state, NEW.state USING ERRCODE = 'PS001';
	END IF;
	IF (NEW.mchid, NEW.out_refund_no, NEW.order_no, NEW.predecessor, NEW.created_at)
		IS DISTINCT FROM (OLD.mchid, OLD.out_refund_no, OLD.order_no, OLD.predecessor, OLD.created_at)
		OR NOT becomes_external AND (NEW.out_trade_no, NEW.cause, NEW.reason, NEW.body_hash)
		IS DISTINCT FROM (OLD.out_trade_no, OLD.cause, OLD.reason, OLD.body_hash) THEN
		RAISE EXCEPTION 'what a refund asks for may not change' USING ERRCODE = 'PS003';
	END IF;
	-- WeChat Pay refuses a repeat of a number with other parameters.
	IF OLD.applied_at IS NOT NULL AND NEW.applied_at IS DISTINCT FROM OLD.applied_at THEN
		RAISE EXCEPTION 'a refund was first applied for only once' USING ERRCODE = 'PS003';
	END IF;
	IF NOT becomes_external AND (NEW.amount_fen, NEW.total_fen) IS DISTINCT FROM (OLD.amount_fen, OLD.total_fen) THEN
		RAISE EXCEPTION 'the money of a refund may not change' USING ERRCODE = 'PS004';
	END IF;
	IF OLD.state = 'succeeded' AND (NEW.succeeded_at, NEW.offline) IS DISTINCT FROM (OLD.succeeded_at, OLD.offline) THEN
		RAISE EXCEPTION 'how a refund succeeded may not change' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
-- By the difference, as before; a refund that turns out to be of another payment of its order leaves the one and joins the other.
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
	IF TG_OP = 'UPDATE' AND NEW.out_trade_no <> OLD.out_trade_no THEN
		UPDATE attempts SET refunding_fen = refunding_fen + refunding, refunded_fen = refunded_fen + refunded
			WHERE (mchid, out_trade_no) = (OLD.mchid, OLD.out_trade_no);
		refunding := 0;
		refunded := 0;
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
--> statement-breakpoint
DROP TRIGGER "refunds_move_sums" ON "refunds";
--> statement-breakpoint
CREATE TRIGGER "refunds_move_sums" AFTER INSERT OR DELETE OR UPDATE OF "state", "amount_fen", "out_trade_no" ON "refunds"
	FOR EACH ROW EXECUTE FUNCTION "move_refund_sums"();
--> statement-breakpoint
-- What becomes somebody else's refund came to nothing as it was asked for, and is recorded as theirs.
CREATE OR REPLACE FUNCTION "tell_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	refusal jsonb := CASE NEW.state WHEN 'rejected' THEN NEW.gateway END;
	is_new boolean := TG_OP = 'INSERT';
BEGIN
	IF TG_OP = 'UPDATE' AND NEW.cause <> OLD.cause THEN
		is_new := true;
		IF OLD.state <> 'rejected' THEN
			INSERT INTO timeline (mchid, order_no, source, kind, subject, outcome, amount_fen, reason, detail, gateway) VALUES (
				OLD.mchid, OLD.order_no, 'gateway', 'refund.rejected', OLD.out_refund_no, OLD.gateway ->> 'code',
				OLD.amount_fen, OLD.gateway ->> 'message', refused_parameter(OLD.gateway), OLD.gateway);
		END IF;
	END IF;
	IF is_new THEN
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
--> statement-breakpoint
DROP TRIGGER "refunds_tell" ON "refunds";
--> statement-breakpoint
CREATE TRIGGER "refunds_tell" AFTER INSERT OR UPDATE OF "applied_at", "state", "cause" ON "refunds" FOR EACH ROW
	EXECUTE FUNCTION "tell_refund"();
