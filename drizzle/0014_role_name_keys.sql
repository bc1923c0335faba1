-- Roles' names are told apart by + and # at the end of a word (C++, C#) and by marks (Thai, Hindi), and are the same however
-- their letters are composed. Rewrites the keys of names in which that matters; the newest of those that become one stays.
CREATE FUNCTION app.role_name_key(role text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT trim(regexp_replace(regexp_replace(
    regexp_replace(lower(normalize(role, NFC)),
      '[\u0001-"$-*,-/:-@\[-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02c2-\u02c5\u02d2-\u02df\u1fbd\u2000-\u206f\u20a0-\u20cf\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u3000-\u3004\u3008-\u3020\ufe00-\ufe19\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff]+', ' ', 'g'),
    '(^|\s)[+#]+|[+#]+(?=[^\s+#])', ' ', 'g'),
    '\s+', ' ', 'g'))
$$;
--> statement-breakpoint
ALTER TABLE company_roles NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
DELETE FROM company_roles USING (
  SELECT company_id, name_key, row_number() OVER (PARTITION BY company_id, new_key ORDER BY updated_at DESC, name_key) AS place
  FROM (
    SELECT company_id, name_key, updated_at,
      CASE WHEN role ~ '[+#\u0300-\u1cff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u309a\ua66f-\uabff\ufe20-\ufe2f]' OR role IS NOT NFC NORMALIZED
        THEN app.role_name_key(role) ELSE name_key END AS new_key
    FROM company_roles
  ) AS rekeyed
) AS ranked
WHERE ranked.place > 1 AND company_roles.company_id = ranked.company_id AND company_roles.name_key = ranked.name_key;
--> statement-breakpoint
UPDATE company_roles SET name_key = app.role_name_key(role)
WHERE (role ~ '[+#\u0300-\u1cff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u309a\ua66f-\uabff\ufe20-\ufe2f]' OR role IS NOT NFC NORMALIZED)
  AND app.role_name_key(role) <> '';
--> statement-breakpoint
ALTER TABLE company_roles FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
DROP FUNCTION app.role_name_key(text);
