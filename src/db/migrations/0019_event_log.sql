CREATE INDEX "merchant_events_of_merchant" ON "merchant_events" USING btree ("mchid","seq");--> statement-breakpoint
CREATE INDEX "merchant_events_of_type" ON "merchant_events" USING btree ("mchid","type","seq");
--> statement-breakpoint
-- A number is given before its transaction commits: a later one may be seen before it. Whoever writes events says first, by a lock
-- that ends with the transaction, which number was the last before its own.
CREATE FUNCTION "begin_merchant_events"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared((x'5053'::bigint << 48) | coalesce(pg_sequence_last_value('timeline_seq'), 0));
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "merchant_events_begin" BEFORE INSERT ON "merchant_events" FOR EACH STATEMENT
	EXECUTE FUNCTION "begin_merchant_events"();
--> statement-breakpoint
-- Up to this number a statement that begins afterwards sees every event that will ever be. Read in this order: whoever holds no lock
-- by then has committed, or gets a number beyond.
CREATE FUNCTION "settled_merchant_events"() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	given bigint := coalesce(pg_sequence_last_value('timeline_seq'), 0);
	held bigint;
BEGIN
	SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) INTO held FROM pg_locks
	WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = x'5053'::bigint
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
	RETURN least(given, held);
END
$$;
--> statement-breakpoint
CREATE FUNCTION "announce_merchant_event"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('merchant_event', NEW.mchid);
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "merchant_events_announce" AFTER INSERT ON "merchant_events" FOR EACH ROW
	EXECUTE FUNCTION "announce_merchant_event"();
