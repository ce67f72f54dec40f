-- The moves that the rules allow, held to their tables by a test; what no writer may undo, whatever it believes; and the lines of
-- the timeline, written by whoever writes the row they tell of. Errors carry an SQLSTATE of their own (class PS) and no value of any
-- row but its state.
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
	IF OLD.state = 'paid' AND (NEW.paid_attempt, NEW.paid_fen, NEW.paid_at)
		IS DISTINCT FROM (OLD.paid_attempt, OLD.paid_fen, OLD.paid_at) THEN
		RAISE EXCEPTION 'the money of a paid order may not change' USING ERRCODE = 'PS004';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_guard" BEFORE UPDATE ON "orders" FOR EACH ROW EXECUTE FUNCTION "guard_order"();
--> statement-breakpoint
-- What began to close goes on closing, until it is closed or money is found.
CREATE FUNCTION "guard_ending"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'an order may not stop closing' USING ERRCODE = 'PS001';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_guard_ending" BEFORE UPDATE ON "orders" FOR EACH ROW
	WHEN (OLD.ending IS NOT NULL AND NEW.state IN ('creating', 'awaitingPayment') AND NEW.ending IS DISTINCT FROM OLD.ending)
	EXECUTE FUNCTION "guard_ending"();
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
CREATE FUNCTION "announce_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('order_changed', NEW.mchid || '/' || NEW.order_no || '/' || NEW.version);
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_announce" AFTER UPDATE ON "orders" FOR EACH ROW
	WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION "announce_order"();
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
-- Whose a trade is does not change.
CREATE FUNCTION "guard_foreign_trade"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a trade of somebody else stays theirs' USING ERRCODE = 'PS004';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "attempts_guard_foreign_trade" BEFORE UPDATE ON "attempts" FOR EACH ROW
	WHEN (OLD.foreign_trade AND NOT NEW.foreign_trade) EXECUTE FUNCTION "guard_foreign_trade"();
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
-- By the difference: a sum taken again would miss what another transaction reserves at this moment. What PaySaga or the shop
-- asks for never takes the sum beyond what was paid; a refund that somebody else made is a fact, and only leaves less.
CREATE FUNCTION "move_refund_sums"() RETURNS trigger LANGUAGE plpgsql AS $$
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
--> statement-breakpoint
-- What people did is added to once, by its outcome; the sweeper notes when it offered an unfinished one.
CREATE FUNCTION "guard_operator_action"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'UPDATE' THEN
		RAISE EXCEPTION 'what people did is never removed' USING ERRCODE = 'PS005';
	END IF;
	IF OLD.finished_at IS NOT NULL OR (to_jsonb(NEW) - '{outcome,finished_at,after,swept_at}'::text[])
		IS DISTINCT FROM (to_jsonb(OLD) - '{outcome,finished_at,after,swept_at}'::text[]) THEN
		RAISE EXCEPTION 'what people did is never changed' USING ERRCODE = 'PS005';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "operator_actions_guard" BEFORE UPDATE OR DELETE ON "operator_actions" FOR EACH ROW
	EXECUTE FUNCTION "guard_operator_action"();
--> statement-breakpoint
CREATE TRIGGER "operator_actions_guard_all" BEFORE TRUNCATE ON "operator_actions" FOR EACH STATEMENT
	EXECUTE FUNCTION "guard_operator_action"();
--> statement-breakpoint
CREATE FUNCTION "guard_bulk"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'UPDATE' THEN
		RAISE EXCEPTION 'what people did is never removed' USING ERRCODE = 'PS005';
	END IF;
	IF OLD.finished_at IS NOT NULL OR (to_jsonb(NEW) - '{finished_at,swept_at}'::text[])
		IS DISTINCT FROM (to_jsonb(OLD) - '{finished_at,swept_at}'::text[]) THEN
		RAISE EXCEPTION 'what people did is never changed' USING ERRCODE = 'PS005';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "bulks_guard" BEFORE UPDATE OR DELETE ON "bulks" FOR EACH ROW EXECUTE FUNCTION "guard_bulk"();
--> statement-breakpoint
CREATE FUNCTION "guard_bulk_order"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'UPDATE' OR OLD.finished_at IS NOT NULL
		OR (NEW.bulk_id, NEW.seq, NEW.order_no) IS DISTINCT FROM (OLD.bulk_id, OLD.seq, OLD.order_no) THEN
		RAISE EXCEPTION 'what people did is never changed' USING ERRCODE = 'PS005';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "bulk_orders_guard" BEFORE UPDATE OR DELETE ON "bulk_orders" FOR EACH ROW
	EXECUTE FUNCTION "guard_bulk_order"();
--> statement-breakpoint
-- A line of the timeline is never changed and never removed.
CREATE FUNCTION "guard_timeline"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a line of the timeline is never changed' USING ERRCODE = 'PS005';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "timeline_guard" BEFORE UPDATE OR DELETE ON "timeline" FOR EACH ROW EXECUTE FUNCTION "guard_timeline"();
--> statement-breakpoint
-- What WeChat Pay refused with stands in the timeline whole: its code, its words, and the parameter it is about.
CREATE FUNCTION "refused_parameter"(refusal jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT nullif(concat_ws(': ', refusal #>> '{detail,field}', refusal #>> '{detail,issue}'), '')
$$;
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
-- A line keeps what WeChat Pay answered as it came, its HTTP status too.
CREATE FUNCTION "tell_attempt"() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER "attempts_tell" AFTER UPDATE OF "prepay_started_at", "refusal", "state" ON "attempts" FOR EACH ROW
	EXECUTE FUNCTION "tell_attempt"();
--> statement-breakpoint
CREATE FUNCTION "tell_refund"() RETURNS trigger LANGUAGE plpgsql AS $$
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
