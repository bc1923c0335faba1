-- A search for a part of a name. LIKE is not leakproof, so under row level security it is looked at row by row, with no index:
-- the function reads past the policy of tenants, and names the company itself.
CREATE INDEX documents_named ON documents USING gin (company_id, lower(original_filename) gin_trgm_ops) WITH (fastupdate = off)
  WHERE status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined');
--> statement-breakpoint
CREATE POLICY search ON documents FOR SELECT TO etter_definer USING (true);
--> statement-breakpoint
GRANT SELECT (id, company_id, status, original_filename) ON documents TO etter_definer;
--> statement-breakpoint
-- Ids of the listed documents of the company in context whose name has this part in it, in any case.
CREATE FUNCTION app.documents_named(part text) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog AS $$
  SELECT id FROM public.documents
  WHERE company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)
    AND status in ('planned', 'uploading', 'completing', 'scanning', 'ready', 'quarantined')
    AND lower(original_filename) LIKE '%' || replace(replace(replace(lower(part), '\', '\\'), '%', '\%'), '_', '\_') || '%'
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app.documents_named(text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.documents_named(text) TO etter_app;
--> statement-breakpoint
GRANT CREATE ON SCHEMA app TO etter_definer;
--> statement-breakpoint
ALTER FUNCTION app.documents_named(text) OWNER TO etter_definer;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA app FROM etter_definer;
