CREATE TABLE "search_terms" (
	"term" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"number" text collate "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_texts" (
	"kind" text NOT NULL,
	"mchid" text collate "C" NOT NULL,
	"number" text collate "C" NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "search_texts_pkey" PRIMARY KEY("kind","mchid","number"),
	CONSTRAINT "search_texts_kind_known" CHECK ("search_texts"."kind" in ('order', 'refund'))
);
--> statement-breakpoint
-- Words of any text with a space between them, lower case: letters, digits and what joins them. Writing without spaces stands alone.
CREATE FUNCTION "search_spaced"("raw" text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT regexp_replace(regexp_replace(lower(normalize(raw, NFKC) COLLATE "C"),
		'[^0-9a-z_\u00c0-\u1fff\u2c00-\u2fef\u3005-\u3007\u3021-\ufaff\U00010000-\U000fffff-]+', ' ', 'g'),
		'[\u2e80-\ufaff\U00010000-\U000fffff]+', ' \& ', 'g')
$$;
--> statement-breakpoint
-- Whether a word is of writing without spaces: it is found in any part.
CREATE FUNCTION "search_is_run"("word" text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT word >= U&'\2E80' COLLATE "C"
$$;
--> statement-breakpoint
-- As a text is kept to be searched: each word after a space, a joined one from each of its parts on, of a long number its last four, too.
-- Like what it calls in PL/pgSQL, which plans once a session what every order runs.
CREATE FUNCTION "search_text"("raw" text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	found text := '';
	word text;
BEGIN
	FOREACH word IN ARRAY string_to_array(search_spaced(raw), ' ') LOOP
		word := ltrim(word, '-_');
		CONTINUE WHEN word = '';
		found := found || ' ' || word;
		IF length(word) >= 7 AND word ~ '[0-9]{7}$' THEN
			found := found || ' ' || right(word, 4);
		END IF;
		CONTINUE WHEN strpos(word, '-') + strpos(word, '_') = 0;
		WHILE word ~ '[-_]+[^-_]' LOOP
			word := regexp_replace(word, '^[^-_]*[-_]+', '');
			found := found || ' ' || word;
		END LOOP;
	END LOOP;
	RETURN found;
END
$$;
--> statement-breakpoint
-- By which the words of a text are found: of writing without spaces every two characters, else beginnings of these lengths.
CREATE FUNCTION "search_terms_in"("of_text" text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	terms text[] := '{}';
	word text;
	n int;
BEGIN
	FOREACH word IN ARRAY string_to_array(of_text, ' ') LOOP
		IF search_is_run(word) THEN
			FOR n IN 1 .. length(word) - 1 LOOP
				terms := terms || substr(word, n, 2);
			END LOOP;
		ELSE
			FOREACH n IN ARRAY '{2,4,6,8,12,20}'::int[] LOOP
				EXIT WHEN n > length(word);
				terms := terms || left(word, n);
			END LOOP;
		END IF;
	END LOOP;
	RETURN terms;
END
$$;
--> statement-breakpoint
-- Refused where the database is not in UTF-8, before an order could be.
SELECT search_text('UTF-8');
--> statement-breakpoint
CREATE FUNCTION "search_term"("kind" text, "of_mchid" text, "term" text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT hashtextextended((kind || ' ' || of_mchid || ' ' || term) COLLATE "C", 0)
$$;
--> statement-breakpoint
CREATE FUNCTION "order_search_text"("of_order_no" text, "description" text, "metadata" jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN search_text(concat_ws(' ', of_order_no, description, (
		SELECT left(string_agg(left(v #>> '{}', 64), ' '), 256)
		FROM jsonb_path_query(metadata, 'strict $.** ? (@.type() == "string" || @.type() == "number")') v)));
END
$$;
--> statement-breakpoint
CREATE FUNCTION "refund_search_text"("of_out_refund_no" text, "reason" text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT search_text(concat_ws(' ', of_out_refund_no, reason))
$$;
--> statement-breakpoint
-- The newest rows of a term before a place, by its index in its order: a term's rows are as many as a guess of Postgres's is wrong about.
CREATE FUNCTION "search_newest"("of_term" bigint, "from_at" timestamptz, "to_at" timestamptz, "before_at" timestamptz, "before_number" text,
	"skipped" int, "most" int) RETURNS TABLE ("created_at" timestamptz, "number" text)
LANGUAGE plpgsql STABLE ROWS 2000 SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off AS $$
BEGIN
	RETURN QUERY SELECT t.created_at::timestamptz, t.number::text FROM search_terms t
		WHERE t.term = of_term AND t.created_at >= coalesce(from_at, '-infinity') AND t.created_at < coalesce(to_at, 'infinity')
			AND (t.created_at, t.number) < (coalesce(before_at, 'infinity'), coalesce(before_number, ''))
		ORDER BY t.created_at DESC, t.number DESC OFFSET skipped LIMIT most;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "make_order_searchable"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	of_text text := order_search_text(NEW.order_no, NEW.description, NEW.metadata);
BEGIN
	INSERT INTO search_texts (kind, mchid, number, text) VALUES ('order', NEW.mchid, NEW.order_no, of_text);
	INSERT INTO search_terms (term, created_at, number)
		SELECT DISTINCT search_term('order', NEW.mchid, term), NEW.created_at, NEW.order_no FROM unnest(search_terms_in(of_text)) term;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "orders_make_searchable" AFTER INSERT ON "orders" FOR EACH ROW EXECUTE FUNCTION "make_order_searchable"();
--> statement-breakpoint
CREATE FUNCTION "make_refund_searchable"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	of_text text := refund_search_text(NEW.out_refund_no, NEW.reason);
BEGIN
	-- A reason only goes away: the terms there are find no less.
	IF TG_OP = 'UPDATE' THEN
		UPDATE search_texts SET text = of_text WHERE (kind, mchid, number) = ('refund', NEW.mchid, NEW.out_refund_no);
		RETURN NULL;
	END IF;
	INSERT INTO search_texts (kind, mchid, number, text) VALUES ('refund', NEW.mchid, NEW.out_refund_no, of_text);
	INSERT INTO search_terms (term, created_at, number)
		SELECT DISTINCT search_term('refund', NEW.mchid, term), NEW.created_at, NEW.out_refund_no FROM unnest(search_terms_in(of_text)) term;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "refunds_make_searchable" AFTER INSERT OR UPDATE OF "reason" ON "refunds" FOR EACH ROW
	EXECUTE FUNCTION "make_refund_searchable"();
--> statement-breakpoint
INSERT INTO "search_texts" ("kind", "mchid", "number", "text")
	SELECT 'order', "mchid", "order_no", order_search_text("order_no", "description", "metadata") FROM "orders"
	UNION ALL
	SELECT 'refund', "mchid", "out_refund_no", refund_search_text("out_refund_no", "reason") FROM "refunds";--> statement-breakpoint
INSERT INTO "search_terms" ("term", "created_at", "number")
	SELECT t, o."created_at", o."order_no" FROM "orders" o
		JOIN "search_texts" s ON s."kind" = 'order' AND (s."mchid", s."number") = (o."mchid", o."order_no"),
		LATERAL (SELECT DISTINCT search_term('order', o."mchid", term) AS t FROM unnest(search_terms_in(s."text")) term) terms
	UNION ALL
	SELECT t, r."created_at", r."out_refund_no" FROM "refunds" r
		JOIN "search_texts" s ON s."kind" = 'refund' AND (s."mchid", s."number") = (r."mchid", r."out_refund_no"),
		LATERAL (SELECT DISTINCT search_term('refund', r."mchid", term) AS t FROM unnest(search_terms_in(s."text")) term) terms;--> statement-breakpoint
CREATE INDEX "search_terms_list" ON "search_terms" USING btree ("term","created_at","number");--> statement-breakpoint
CREATE INDEX "orders_list_amount" ON "orders" USING btree ("mchid","amount_fen","state","created_at","order_no");--> statement-breakpoint
CREATE INDEX "orders_list_closed" ON "orders" USING btree ("mchid","closed_reason","created_at","order_no") WHERE "orders"."state" = 'closed';--> statement-breakpoint
CREATE INDEX "orders_list_paid_amount" ON "orders" USING btree ("mchid","amount_fen","paid_at","order_no") WHERE "orders"."state" = 'paid';--> statement-breakpoint
CREATE INDEX "refunds_list_amount" ON "refunds" USING btree ("mchid","amount_fen","state","created_at","out_refund_no");