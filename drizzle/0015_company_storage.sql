CREATE TABLE "company_storage" (
	"company_id" uuid PRIMARY KEY NOT NULL,
	"stored_bytes" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "company_storage" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "documents_company_stored";--> statement-breakpoint
ALTER TABLE "company_storage" ADD CONSTRAINT "company_storage_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE POLICY tenant ON company_storage TO etter_app
  USING (company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid));
--> statement-breakpoint
-- The application reads the count; only the trigger, with etter_definer's rights, writes it.
CREATE POLICY counting ON company_storage TO etter_definer USING (true);
--> statement-breakpoint
GRANT SELECT ON company_storage TO etter_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON company_storage TO etter_definer;
--> statement-breakpoint
-- Adds what a statement has changed of the bytes that the quota counts: in its own transaction, hence never apart from its rows.
-- The company's row stays locked until that ends, so it must be the last lock that the transaction takes: whoever goes on to lock
-- documents deadlocks with those who hold one of them and wait here. CHECK (stored_bytes >= 0) would refuse the tuple that a
-- decrease proposes before ON CONFLICT turns it into a sum.
CREATE FUNCTION app.count_stored_bytes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  CASE TG_OP
  WHEN 'INSERT' THEN
    INSERT INTO public.company_storage AS counted (company_id, stored_bytes)
    SELECT company_id, sum(size_bytes) FROM came WHERE status NOT IN ('aborted', 'expired', 'deleted') GROUP BY 1 ORDER BY 1
    ON CONFLICT (company_id) DO UPDATE SET stored_bytes = counted.stored_bytes + excluded.stored_bytes;
  WHEN 'UPDATE' THEN
    INSERT INTO public.company_storage AS counted (company_id, stored_bytes)
    SELECT company_id, sum(bytes) FROM (
      SELECT company_id, size_bytes AS bytes FROM came WHERE status NOT IN ('aborted', 'expired', 'deleted')
      UNION ALL
      SELECT company_id, -size_bytes FROM went WHERE status NOT IN ('aborted', 'expired', 'deleted')
    ) AS change GROUP BY 1 HAVING sum(bytes) <> 0 ORDER BY 1
    ON CONFLICT (company_id) DO UPDATE SET stored_bytes = counted.stored_bytes + excluded.stored_bytes;
  WHEN 'DELETE' THEN
    INSERT INTO public.company_storage AS counted (company_id, stored_bytes)
    SELECT company_id, -sum(size_bytes) FROM went WHERE status NOT IN ('aborted', 'expired', 'deleted') GROUP BY 1 ORDER BY 1
    ON CONFLICT (company_id) DO UPDATE SET stored_bytes = counted.stored_bytes + excluded.stored_bytes;
  END CASE;
  RETURN NULL;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app.count_stored_bytes() FROM PUBLIC;
--> statement-breakpoint
CREATE TRIGGER stored_bytes_inserted AFTER INSERT ON documents
  REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION app.count_stored_bytes();
--> statement-breakpoint
CREATE TRIGGER stored_bytes_updated AFTER UPDATE ON documents
  REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION app.count_stored_bytes();
--> statement-breakpoint
CREATE TRIGGER stored_bytes_deleted AFTER DELETE ON documents
  REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION app.count_stored_bytes();
--> statement-breakpoint
GRANT CREATE ON SCHEMA app TO etter_definer;
--> statement-breakpoint
ALTER FUNCTION app.count_stored_bytes() OWNER TO etter_definer;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA app FROM etter_definer;
--> statement-breakpoint
-- What is there already. FORCE binds the owner, who would see none of it; the table stays locked until the migration has ended.
ALTER TABLE documents NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
INSERT INTO company_storage (company_id, stored_bytes)
SELECT company_id, sum(size_bytes) FROM documents WHERE status NOT IN ('aborted', 'expired', 'deleted') GROUP BY 1;
--> statement-breakpoint
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE company_storage FORCE ROW LEVEL SECURITY;
