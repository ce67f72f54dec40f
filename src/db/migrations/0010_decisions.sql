ALTER TABLE "discrepancies" DROP CONSTRAINT "discrepancies_subject_key";--> statement-breakpoint
ALTER TABLE "discrepancies" ADD COLUMN "gone_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD COLUMN "figures" text GENERATED ALWAYS AS (md5(coalesce(bill_fen::text, '') || ' ' || coalesce(own_fen::text, '') || ' ' || coalesce(out_trade_no::text, '') || ' ' || coalesce(transaction_id::text, '') || ' ' || coalesce(out_refund_no::text, '') || ' ' || coalesce(differences::text, ''))) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_figures_key" UNIQUE("mchid","date","class","subject_key","figures");--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_gone_is_decided" CHECK ("discrepancies"."gone_at" is null or "discrepancies"."status" in ('accepted', 'resolved'));--> statement-breakpoint
CREATE OR REPLACE FUNCTION "guard_discrepancy"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.status <> OLD.status AND NOT EXISTS (
		SELECT FROM discrepancy_transitions WHERE from_state = OLD.status AND to_state = NEW.status
	) THEN
		RAISE EXCEPTION 'a discrepancy may not go from % to %', OLD.status, NEW.status USING ERRCODE = 'PS001';
	END IF;
	IF (NEW.id, NEW.mchid, NEW.date, NEW.class, NEW.subject_key, NEW.bill_fen, NEW.own_fen, NEW.out_trade_no, NEW.transaction_id,
			NEW.out_refund_no, NEW.differences)
		IS DISTINCT FROM (OLD.id, OLD.mchid, OLD.date, OLD.class, OLD.subject_key, OLD.bill_fen, OLD.own_fen, OLD.out_trade_no,
			OLD.transaction_id, OLD.out_refund_no, OLD.differences) THEN
		RAISE EXCEPTION 'what a discrepancy is about may not change' USING ERRCODE = 'PS003';
	END IF;
	IF OLD.status IN ('accepted', 'resolved') AND (NEW.closed_at, NEW.closed_by, NEW.reason)
		IS DISTINCT FROM (OLD.closed_at, OLD.closed_by, OLD.reason) THEN
		RAISE EXCEPTION 'what a person decided may not change' USING ERRCODE = 'PS005';
	END IF;
	RETURN NEW;
END
$$;
