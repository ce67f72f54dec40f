ALTER TABLE "bill_lines" DROP CONSTRAINT "bill_lines_kind_known";--> statement-breakpoint
ALTER TABLE "bill_lines" DROP CONSTRAINT "bill_lines_class_known";--> statement-breakpoint
ALTER TABLE "bill_lines" DROP CONSTRAINT "bill_lines_type_of_kind";--> statement-breakpoint
ALTER TABLE "bills" DROP CONSTRAINT "bills_untrusted_has_reason";--> statement-breakpoint
ALTER TABLE "discrepancies" DROP CONSTRAINT "discrepancies_class_known";--> statement-breakpoint
ALTER TABLE "reconciliation_sums" DROP CONSTRAINT "reconciliation_sums_class_known";--> statement-breakpoint
ALTER TABLE "bills" ADD COLUMN "next" jsonb;--> statement-breakpoint
ALTER TABLE "bill_lines" ADD CONSTRAINT "bill_lines_kind_known" CHECK ("bill_lines"."kind" in ('trade', 'fundflow', 'next_trade', 'next_fundflow'));--> statement-breakpoint
ALTER TABLE "bill_lines" ADD CONSTRAINT "bill_lines_class_known" CHECK ("bill_lines"."class" in ('matched', 'expected', 'paid_not_here', 'foreign', 'amount', 'identity', 'refund_not_here', 'refund_amount', 'refund_status', 'missing_at_wechat', 'refund_missing_at_wechat', 'reversed', 'duplicate_line', 'fee', 'fund_missing', 'fund_amount', 'fund_foreign', 'balance_chain'));--> statement-breakpoint
ALTER TABLE "bill_lines" ADD CONSTRAINT "bill_lines_type_of_kind" CHECK (("bill_lines"."kind" in ('fundflow', 'next_fundflow')) = ("bill_lines"."type" in ('in', 'out')));--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_next_is_of_imported" CHECK ("bills"."next" is null or "bills"."state" = 'imported');--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_untrusted_has_reason" CHECK (case "bills"."state" when 'untrusted' then "bills"."distrust" is not null when 'imported' then true else "bills"."distrust" is null end);--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_class_known" CHECK ("discrepancies"."class" in ('paid_not_here', 'foreign', 'amount', 'identity', 'refund_not_here', 'refund_amount', 'refund_status', 'missing_at_wechat', 'refund_missing_at_wechat', 'reversed', 'duplicate_line', 'fee', 'fund_missing', 'fund_amount', 'fund_foreign', 'balance_chain'));--> statement-breakpoint
ALTER TABLE "reconciliation_sums" ADD CONSTRAINT "reconciliation_sums_class_known" CHECK ("reconciliation_sums"."class" in ('matched', 'expected', 'paid_not_here', 'foreign', 'amount', 'identity', 'refund_not_here', 'refund_amount', 'refund_status', 'missing_at_wechat', 'refund_missing_at_wechat', 'reversed', 'duplicate_line', 'fee', 'fund_missing', 'fund_amount', 'fund_foreign', 'balance_chain'));