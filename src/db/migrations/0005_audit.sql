-- What people did stays as it was written: an answer is added once, nothing is changed and nothing is removed.
CREATE FUNCTION "guard_operator_action"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP <> 'UPDATE' THEN
		RAISE EXCEPTION 'what people did is never removed' USING ERRCODE = 'PS005';
	END IF;
	IF OLD.finished_at IS NOT NULL OR (to_jsonb(NEW) - '{outcome,finished_at,after}'::text[])
		IS DISTINCT FROM (to_jsonb(OLD) - '{outcome,finished_at,after}'::text[]) THEN
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
