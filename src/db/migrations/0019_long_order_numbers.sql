ALTER TABLE "attempts" DROP CONSTRAINT "attempts_out_trade_no_derived";--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_out_trade_no_derived" CHECK ("attempts"."out_trade_no" = case
        when "attempts"."number" = 1 then "attempts"."order_no"
        when length("attempts"."order_no" || '*' || "attempts"."number") <= 32 then "attempts"."order_no" || '*' || "attempts"."number"
        else '*' || left(translate(encode(sha256("attempts"."order_no"::bytea), 'base64'), '+/', '-_'), 28) || '*' || "attempts"."number" end);