CREATE TABLE "bill_lines" (
	"mchid" text collate "C" NOT NULL,
	"date" date NOT NULL,
	"kind" text NOT NULL,
	"line_no" integer NOT NULL,
	"type" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"number" text NOT NULL,
	"appid" text,
	"out_trade_no" text collate "C",
	"transaction_id" text,
	"trade_type" text,
	"out_refund_no" text collate "C",
	"refund_type" text,
	"refund_status" text,
	"amount_fen" bigint NOT NULL,
	"settled_fen" bigint,
	"coupon_fen" bigint,
	"fee_millifen" bigint,
	"rate_ppm" integer,
	"flow_no" text,
	"fund_name" text,
	"fund_type" text,
	"voucher_no" text,
	"account_balance" bigint,
	"class" text,
	"is_discrepant" boolean DEFAULT false NOT NULL,
	CONSTRAINT "bill_lines_pkey" PRIMARY KEY("mchid","date","kind","line_no"),
	CONSTRAINT "bill_lines_kind_known" CHECK ("bill_lines"."kind" in ('trade', 'fundflow')),
	CONSTRAINT "bill_lines_type_known" CHECK ("bill_lines"."type" in ('payment', 'refund', 'reversal', 'in', 'out')),
	CONSTRAINT "bill_lines_class_known" CHECK ("bill_lines"."class" in ('matched', 'expected', 'paid_not_here', 'foreign', 'amount', 'identity', 'refund_not_here', 'refund_amount', 'missing_at_wechat', 'refund_missing_at_wechat', 'reversed', 'duplicate_line', 'fee', 'fund_missing', 'fund_amount', 'balance_chain')),
	CONSTRAINT "bill_lines_amount_fen_range" CHECK ("bill_lines"."amount_fen" between 0 and 9007199254740991),
	CONSTRAINT "bill_lines_settled_fen_range" CHECK ("bill_lines"."settled_fen" between 0 and 9007199254740991),
	CONSTRAINT "bill_lines_coupon_fen_range" CHECK ("bill_lines"."coupon_fen" between 0 and 9007199254740991),
	CONSTRAINT "bill_lines_line_no_positive" CHECK ("bill_lines"."line_no" >= 1),
	CONSTRAINT "bill_lines_type_of_kind" CHECK (("bill_lines"."kind" = 'fundflow') = ("bill_lines"."type" in ('in', 'out'))),
	CONSTRAINT "bill_lines_discrepant_has_class" CHECK (not "bill_lines"."is_discrepant" or "bill_lines"."class" is not null)
) PARTITION BY RANGE ("date");
--> statement-breakpoint
CREATE TABLE "bills" (
	"mchid" text collate "C" NOT NULL,
	"date" date NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"distrust" text,
	"sha1" text,
	"lines" integer DEFAULT 0 NOT NULL,
	"last_line" integer DEFAULT 0 NOT NULL,
	"digest" text,
	"summary" jsonb,
	"fetched_at" timestamp (3) with time zone,
	CONSTRAINT "bills_pkey" PRIMARY KEY("mchid","date","kind"),
	CONSTRAINT "bills_kind_known" CHECK ("bills"."kind" in ('trade', 'fundflow')),
	CONSTRAINT "bills_state_known" CHECK ("bills"."state" in ('waiting', 'importing', 'imported', 'none', 'untrusted')),
	CONSTRAINT "bills_distrust_known" CHECK ("bills"."distrust" in ('hash', 'unreadable', 'summary')),
	CONSTRAINT "bills_lines_range" CHECK ("bills"."lines" >= 0 and "bills"."last_line" >= "bills"."lines"),
	CONSTRAINT "bills_untrusted_has_reason" CHECK (("bills"."state" = 'untrusted') = ("bills"."distrust" is not null)),
	CONSTRAINT "bills_imported_is_whole" CHECK ("bills"."state" <> 'imported' or ("bills"."sha1" is not null and "bills"."summary" is not null)),
	CONSTRAINT "bills_none_has_no_lines" CHECK ("bills"."state" <> 'none' or "bills"."lines" = 0)
);
--> statement-breakpoint
CREATE TABLE "discrepancies" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"date" date NOT NULL,
	"class" text NOT NULL,
	"subject_key" text NOT NULL,
	"subject" text NOT NULL,
	"kind" text,
	"line_no" integer,
	"order_no" text collate "C",
	"out_trade_no" text collate "C",
	"transaction_id" text,
	"out_refund_no" text collate "C",
	"refund_id" text,
	"bill_fen" bigint,
	"own_fen" bigint,
	"differences" jsonb NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"repaired_by" text,
	"closed_by" text,
	"reason" text,
	CONSTRAINT "discrepancies_subject_key" UNIQUE("mchid","class","subject_key"),
	CONSTRAINT "discrepancies_class_known" CHECK ("discrepancies"."class" in ('paid_not_here', 'foreign', 'amount', 'identity', 'refund_not_here', 'refund_amount', 'missing_at_wechat', 'refund_missing_at_wechat', 'reversed', 'duplicate_line', 'fee', 'fund_missing', 'fund_amount', 'balance_chain')),
	CONSTRAINT "discrepancies_subject_known" CHECK ("discrepancies"."subject" in ('payment', 'refund', 'account')),
	CONSTRAINT "discrepancies_kind_known" CHECK ("discrepancies"."kind" in ('trade', 'fundflow')),
	CONSTRAINT "discrepancies_status_known" CHECK ("discrepancies"."status" in ('open', 'repaired', 'accepted', 'resolved')),
	CONSTRAINT "discrepancies_repaired_by_known" CHECK ("discrepancies"."repaired_by" in ('order_query', 'refund_query', 'later_bill', 'rerun')),
	CONSTRAINT "discrepancies_bill_fen_range" CHECK ("discrepancies"."bill_fen" between 0 and 9007199254740991),
	CONSTRAINT "discrepancies_own_fen_range" CHECK ("discrepancies"."own_fen" between 0 and 9007199254740991),
	CONSTRAINT "discrepancies_line_is_whole" CHECK (("discrepancies"."kind" is null) = ("discrepancies"."line_no" is null)),
	CONSTRAINT "discrepancies_closed_is_dated" CHECK (("discrepancies"."status" = 'open') = ("discrepancies"."closed_at" is null)),
	CONSTRAINT "discrepancies_repaired_has_repair" CHECK (("discrepancies"."status" = 'repaired') = ("discrepancies"."repaired_by" is not null)),
	CONSTRAINT "discrepancies_decided_has_reason" CHECK (("discrepancies"."status" in ('accepted', 'resolved')) = ("discrepancies"."closed_by" is not null and "discrepancies"."reason" is not null))
);
--> statement-breakpoint
CREATE TABLE "discrepancy_transitions" (
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	CONSTRAINT "discrepancy_transitions_pkey" PRIMARY KEY("from_state","to_state")
);
--> statement-breakpoint
CREATE TABLE "reconciliation_pool" (
	"mchid" text collate "C" NOT NULL,
	"date" date NOT NULL,
	"subject_key" text NOT NULL,
	"subject" text NOT NULL,
	"order_no" text collate "C",
	"out_trade_no" text collate "C",
	"transaction_id" text,
	"out_refund_no" text collate "C",
	"refund_id" text,
	"own_fen" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"left_at" timestamp (3) with time zone,
	CONSTRAINT "reconciliation_pool_pkey" PRIMARY KEY("mchid","date","subject_key"),
	CONSTRAINT "reconciliation_pool_subject_known" CHECK ("reconciliation_pool"."subject" in ('payment', 'refund', 'account')),
	CONSTRAINT "reconciliation_pool_own_fen_range" CHECK ("reconciliation_pool"."own_fen" between 0 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "reconciliation_sums" (
	"mchid" text collate "C" NOT NULL,
	"date" date NOT NULL,
	"class" text NOT NULL,
	"subject" text NOT NULL,
	"is_discrepant" boolean NOT NULL,
	"count" integer NOT NULL,
	"bill_fen" bigint NOT NULL,
	"own_fen" bigint NOT NULL,
	CONSTRAINT "reconciliation_sums_pkey" PRIMARY KEY("mchid","date","class","subject","is_discrepant"),
	CONSTRAINT "reconciliation_sums_class_known" CHECK ("reconciliation_sums"."class" in ('matched', 'expected', 'paid_not_here', 'foreign', 'amount', 'identity', 'refund_not_here', 'refund_amount', 'missing_at_wechat', 'refund_missing_at_wechat', 'reversed', 'duplicate_line', 'fee', 'fund_missing', 'fund_amount', 'balance_chain')),
	CONSTRAINT "reconciliation_sums_subject_known" CHECK ("reconciliation_sums"."subject" in ('payment', 'refund', 'account')),
	CONSTRAINT "reconciliation_sums_count_range" CHECK ("reconciliation_sums"."count" >= 0),
	CONSTRAINT "reconciliation_sums_bill_fen_range" CHECK ("reconciliation_sums"."bill_fen" between 0 and 9007199254740991),
	CONSTRAINT "reconciliation_sums_own_fen_range" CHECK ("reconciliation_sums"."own_fen" between 0 and 9007199254740991)
);
--> statement-breakpoint
CREATE TABLE "reconciliations" (
	"mchid" text collate "C" NOT NULL,
	"date" date NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"run" integer DEFAULT 1 NOT NULL,
	"waits_for" text,
	"waiting_since" timestamp (3) with time zone,
	"next_at" timestamp (3) with time zone,
	"failure" text,
	"asked_by" text,
	"fee_millifen" bigint,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	CONSTRAINT "reconciliations_pkey" PRIMARY KEY("mchid","date"),
	CONSTRAINT "reconciliations_state_known" CHECK ("reconciliations"."state" in ('waiting', 'empty', 'balanced', 'differs', 'failed')),
	CONSTRAINT "reconciliations_waits_for_known" CHECK ("reconciliations"."waits_for" in ('trade_bill', 'fundflow_bill', 'gateway', 'repairs')),
	CONSTRAINT "reconciliations_failure_known" CHECK ("reconciliations"."failure" in ('trade_untrusted', 'fundflow_untrusted', 'bill_refused')),
	CONSTRAINT "reconciliations_run_positive" CHECK ("reconciliations"."run" >= 1),
	CONSTRAINT "reconciliations_waiting_is_dated" CHECK (("reconciliations"."waits_for" is null) = ("reconciliations"."waiting_since" is null)),
	CONSTRAINT "reconciliations_waits_while_waiting" CHECK ("reconciliations"."waits_for" is null or "reconciliations"."state" = 'waiting'),
	CONSTRAINT "reconciliations_failed_has_reason" CHECK (("reconciliations"."state" = 'failed') = ("reconciliations"."failure" is not null)),
	CONSTRAINT "reconciliations_finished_is_known" CHECK ("reconciliations"."finished_at" is null or "reconciliations"."state" <> 'waiting')
);
--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_reconciliation_fkey" FOREIGN KEY ("mchid","date") REFERENCES "public"."reconciliations"("mchid","date") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_reconciliation_fkey" FOREIGN KEY ("mchid","date") REFERENCES "public"."reconciliations"("mchid","date") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reconciliation_sums" ADD CONSTRAINT "reconciliation_sums_reconciliation_fkey" FOREIGN KEY ("mchid","date") REFERENCES "public"."reconciliations"("mchid","date") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bill_lines_number" ON "bill_lines" USING btree ("mchid","number","type");--> statement-breakpoint
CREATE INDEX "bill_lines_class" ON "bill_lines" USING btree ("mchid","date","class","line_no") WHERE "bill_lines"."class" is not null;--> statement-breakpoint
CREATE INDEX "discrepancies_list" ON "discrepancies" USING btree ("mchid","date","id");--> statement-breakpoint
CREATE INDEX "discrepancies_list_class" ON "discrepancies" USING btree ("mchid","class","date","id");--> statement-breakpoint
CREATE INDEX "discrepancies_list_status" ON "discrepancies" USING btree ("mchid","status","date","id");--> statement-breakpoint
CREATE INDEX "reconciliation_pool_open" ON "reconciliation_pool" USING btree ("mchid","date","subject_key") WHERE "reconciliation_pool"."left_at" is null;--> statement-breakpoint
CREATE INDEX "reconciliations_sweep" ON "reconciliations" USING btree ("swept_at" NULLS FIRST,"started_at") WHERE "reconciliations"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "attempts_paid" ON "attempts" USING btree ("mchid","paid_at","out_trade_no") WHERE "attempts"."paid_at" is not null;--> statement-breakpoint
CREATE INDEX "refunds_accepted" ON "refunds" USING btree ("mchid","accepted_at","out_refund_no") WHERE "refunds"."accepted_at" is not null;--> statement-breakpoint
INSERT INTO "discrepancy_transitions" ("from_state", "to_state") VALUES
	('open', 'repaired'), ('open', 'accepted'), ('open', 'resolved'),
	('repaired', 'open');
--> statement-breakpoint
CREATE FUNCTION "guard_discrepancy"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.status <> OLD.status AND NOT EXISTS (
		SELECT FROM discrepancy_transitions WHERE from_state = OLD.status AND to_state = NEW.status
	) THEN
		RAISE EXCEPTION 'a discrepancy may not go from % to %', OLD.status, NEW.status USING ERRCODE = 'PS001';
	END IF;
	IF (NEW.id, NEW.mchid, NEW.class, NEW.subject_key) IS DISTINCT FROM (OLD.id, OLD.mchid, OLD.class, OLD.subject_key) THEN
		RAISE EXCEPTION 'what a discrepancy is about may not change' USING ERRCODE = 'PS003';
	END IF;
	IF OLD.status IN ('accepted', 'resolved') AND (NEW.closed_at, NEW.closed_by, NEW.reason)
		IS DISTINCT FROM (OLD.closed_at, OLD.closed_by, OLD.reason) THEN
		RAISE EXCEPTION 'what a person decided may not change' USING ERRCODE = 'PS005';
	END IF;
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "discrepancies_guard" BEFORE UPDATE ON "discrepancies" FOR EACH ROW EXECUTE FUNCTION "guard_discrepancy"();
--> statement-breakpoint
-- Makes room for one bill's lines: its day's partition, and none of its lines in it. With the rights of the schema's owner, since a
-- role that runs PaySaga needs neither to create nor to delete; for whoever may add lines. Attached after it was made, which
-- stops no reader, where PARTITION OF would wait for all of them and hold up the next.
CREATE FUNCTION "empty_bill"(of_mchid text, of_date date, of_kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	partition text := 'bill_lines_' || to_char(of_date, 'YYYYMMDD');
BEGIN
	IF NOT has_table_privilege(session_user, 'bill_lines', 'insert') THEN
		RAISE EXCEPTION 'this role may not import bills' USING ERRCODE = 'insufficient_privilege';
	END IF;
	PERFORM pg_advisory_xact_lock(hashtext('bill_lines'), to_char(of_date, 'YYYYMMDD')::int);
	IF to_regclass(partition) IS NULL THEN
		EXECUTE format('CREATE TABLE %I (LIKE bill_lines INCLUDING ALL)', partition);
		EXECUTE format('ALTER TABLE bill_lines ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
			partition, of_date, of_date + 1);
	END IF;
	DELETE FROM bill_lines WHERE (mchid, date, kind) = (of_mchid COLLATE "C", of_date, of_kind);
END
$$;
--> statement-breakpoint
-- What the planner knows of a day: its partition is new, and is matched before anybody else would look.
CREATE FUNCTION "analyze_bills"(of_date date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	EXECUTE format('ANALYZE %I', 'bill_lines_' || to_char(of_date, 'YYYYMMDD'));
END
$$;
