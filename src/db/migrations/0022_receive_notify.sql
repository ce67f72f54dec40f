-- One call for all that a notify's row brings with it: a statement and a transaction, where the ingress had seven and went back and forth for each.
CREATE FUNCTION "keep_notify_evidence"("told" "notify_inbox") RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF told.kind <> 'payment' OR told.status <> 'verified' OR told.order_no IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO evidence (mchid, order_no, out_trade_no, transaction_id, source, appid, trade_type, amount_fen, currency, at)
	VALUES (
		told.evidence ->> 'mchid', told.order_no, told.out_trade_no, told.evidence ->> 'transactionId', 'notify',
		told.evidence ->> 'appid', told.evidence ->> 'tradeType', (told.evidence ->> 'totalFen')::bigint,
		told.evidence ->> 'currency', told.received_at)
	ON CONFLICT DO NOTHING;
	-- A final order has no deadline: should its workflow be lost right after it was told, the sweeper finds it by this.
	UPDATE orders SET due_at = told.received_at
	WHERE mchid = told.mchid AND order_no = told.order_no AND state IN ('paid', 'closed') AND due_at IS NULL
		AND NOT EXISTS (
			SELECT FROM attempts
			WHERE attempts.mchid = told.mchid AND attempts.transaction_id = told.evidence ->> 'transactionId');
END
$$;
--> statement-breakpoint
CREATE FUNCTION "receive_notify"(
	"of_mchid" text, "of_protocol" text, "of_kind" text, "of_key" text, "of_event_type" text, "of_out_trade_no" text,
	"of_out_refund_no" text, "said" jsonb, "of_serial_no" text, "of_raw_body" bytea, "of_headers" jsonb, "came_at" timestamptz
) RETURNS "notify_inbox" LANGUAGE plpgsql AS $$
DECLARE
	ordered text;
	told notify_inbox;
BEGIN
	IF of_kind <> 'other' THEN
		SELECT order_no INTO ordered FROM attempts WHERE mchid = of_mchid AND out_trade_no = of_out_trade_no;
	END IF;
	INSERT INTO notify_inbox AS kept (
		mchid, protocol, kind, key, event_type, status, out_trade_no, order_no, out_refund_no, evidence, serial_no, raw_body, headers,
		received_at)
	VALUES (
		of_mchid, of_protocol, of_kind, of_key, of_event_type,
		CASE WHEN of_kind = 'other' THEN 'unsupported' WHEN ordered IS NULL THEN 'unmatched' ELSE 'verified' END,
		of_out_trade_no, ordered, of_out_refund_no, said, of_serial_no, of_raw_body, of_headers, came_at)
	ON CONFLICT (mchid, protocol, kind, key) DO UPDATE SET
		deliveries = kept.deliveries + 1,
		order_no = coalesce(kept.order_no, excluded.order_no),
		status = CASE kept.status WHEN 'unmatched' THEN excluded.status ELSE kept.status END
	RETURNING * INTO told;
	PERFORM keep_notify_evidence(told);
	RETURN told;
END
$$;
