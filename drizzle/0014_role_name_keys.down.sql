-- Names that were told apart become one again; the newest stays.
ALTER TABLE company_roles NO FORCE ROW LEVEL SECURITY;
DELETE FROM company_roles USING (
  SELECT company_id, name_key, row_number() OVER (
    PARTITION BY company_id, trim(regexp_replace(name_key, '[+#\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\s]+', ' ', 'g'))
    ORDER BY updated_at DESC, name_key) AS place
  FROM company_roles
) AS ranked
WHERE ranked.place > 1 AND company_roles.company_id = ranked.company_id AND company_roles.name_key = ranked.name_key;
UPDATE company_roles SET name_key = trim(regexp_replace(name_key, '[+#\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\s]+', ' ', 'g'))
WHERE name_key ~ '[+#\u0300-\u036f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]';
ALTER TABLE company_roles FORCE ROW LEVEL SECURITY;
