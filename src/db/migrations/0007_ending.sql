ALTER TABLE "orders" ADD COLUMN "ending" text;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_ending_known" CHECK ("orders"."ending" in ('expired', 'cancelled', 'returned'));--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_ending_is_open" CHECK ("orders"."ending" is null or "orders"."state" not in ('paid', 'closed'));--> statement-breakpoint
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
