DROP INDEX "orders_paid_recent";--> statement-breakpoint
DROP INDEX "refunds_recent";--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "product" text;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "appid" text collate "C";--> statement-breakpoint
ALTER TABLE "refunds" ADD COLUMN "booked_at" timestamp (3) with time zone GENERATED ALWAYS AS (coalesce(accepted_at, applied_at, succeeded_at, created_at)) STORED NOT NULL;--> statement-breakpoint
UPDATE "orders" o SET "product" = a."product", "appid" = a."appid" FROM "attempts" a
	WHERE a."mchid" = o."mchid" AND a."out_trade_no" = coalesce(o."paid_attempt", o."order_no");--> statement-breakpoint
-- Once money makes an order paid, it is of the product and the appid that the money came by.
CREATE FUNCTION "take_paid_terms"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	SELECT a.product, a.appid INTO NEW.product, NEW.appid FROM attempts a
		WHERE (a.mchid, a.out_trade_no) = (NEW.mchid, NEW.paid_attempt);
	RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_take_paid_terms" BEFORE UPDATE ON "orders" FOR EACH ROW
	WHEN (NEW.paid_attempt IS NOT NULL AND NEW.paid_attempt IS DISTINCT FROM OLD.paid_attempt)
	EXECUTE FUNCTION "take_paid_terms"();
--> statement-breakpoint
CREATE INDEX "orders_list_product" ON "orders" USING btree ("mchid","product","created_at","order_no");--> statement-breakpoint
CREATE INDEX "orders_list_appid" ON "orders" USING btree ("mchid","appid","product","created_at","order_no");--> statement-breakpoint
CREATE INDEX "orders_list_paid" ON "orders" USING btree ("mchid","paid_at","order_no","product","appid","paid_fen") WHERE "orders"."state" = 'paid';--> statement-breakpoint
CREATE INDEX "orders_list_paid_product" ON "orders" USING btree ("mchid","product","paid_at","order_no") WHERE "orders"."state" = 'paid';--> statement-breakpoint
CREATE INDEX "orders_list_paid_appid" ON "orders" USING btree ("mchid","appid","product","paid_at","order_no") WHERE "orders"."state" = 'paid';--> statement-breakpoint
CREATE INDEX "refunds_list" ON "refunds" USING btree ("mchid","created_at","out_refund_no");--> statement-breakpoint
CREATE INDEX "refunds_list_state" ON "refunds" USING btree ("mchid","state","cause","created_at","out_refund_no");--> statement-breakpoint
CREATE INDEX "refunds_list_accepted" ON "refunds" USING btree ("mchid","booked_at","out_refund_no") WHERE "refunds"."state" in ('processing', 'succeeded', 'closed', 'abnormal');--> statement-breakpoint
CREATE INDEX "refunds_list_succeeded" ON "refunds" USING btree ("mchid","succeeded_at","out_refund_no") WHERE "refunds"."state" = 'succeeded';--> statement-breakpoint
CREATE INDEX "refunds_of_order" ON "refunds" USING btree ("mchid","order_no","created_at","out_refund_no");--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_product_known" CHECK ("orders"."product" in ('native', 'jsapi', 'miniProgram', 'app', 'h5'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_paid_has_terms" CHECK ("orders"."state" <> 'paid' or ("orders"."product" is not null and "orders"."appid" is not null));