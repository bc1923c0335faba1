import pg from "pg";

// pg_depend knows which objects an extension or the system owns; by schema is enough here.
const OURS = `n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'drizzle') AND n.nspname NOT LIKE 'pg_temp%'`;

/** Grants in a fixed order, with the defaults of an object nobody has granted anything on. */
const grants = (acl: string, kind: string, owner: string) =>
  `(SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(${acl}, acldefault('${kind}', ${owner}))) a) AS grants`;

/** One query a kind of object; each row is one line of the catalogue. */
const QUERIES: Record<string, string> = {
  database: `SELECT datdba::regrole::text AS owner, ${grants("datacl", "d", "datdba")}
    FROM pg_database WHERE datname = current_database()`,
  schemas: `SELECT n.nspname, n.nspowner::regrole::text AS owner, ${grants("n.nspacl", "n", "n.nspowner")}
    FROM pg_namespace n WHERE ${OURS}`,
  relations: `SELECT n.nspname, c.relname, c.relkind, c.relowner::regrole::text AS owner, ${grants("c.relacl", "r", "c.relowner")},
      c.relrowsecurity, c.relforcerowsecurity, c.reloptions::text,
      CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS}`,
  columns: `SELECT n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
      a.attidentity, a.attgenerated, a.attacl::text, pg_get_expr(d.adbin, d.adrelid) AS default
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE ${OURS} AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'i'`,
  constraints: `SELECT n.nspname, k.conrelid::regclass::text AS relation, k.conname, pg_get_constraintdef(k.oid) AS definition
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE ${OURS}`,
  indexes: `SELECT n.nspname, pg_get_indexdef(i.indexrelid) AS definition, i.indisvalid
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS}`,
  policies: `SELECT p.* FROM pg_policies p JOIN pg_namespace n ON n.nspname = p.schemaname WHERE ${OURS}`,
  functions: `SELECT n.nspname, p.oid::regprocedure::text AS signature, p.proowner::regrole::text AS owner, ${grants("p.proacl", "f", "p.proowner")},
      CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END AS definition
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OURS}`,
  triggers: `SELECT n.nspname, pg_get_triggerdef(t.oid) AS definition, t.tgenabled
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OURS} AND NOT t.tgisinternal`,
  types: `SELECT n.nspname, t.typname, t.typtype,
      (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OURS}`,
  defaultPrivileges: `SELECT defaclrole::regrole::text AS role, defaclnamespace::regnamespace::text AS schema, defaclobjtype, defaclacl::text
    FROM pg_default_acl`,
  extensions: "SELECT extname, extversion FROM pg_extension",
};

/**
 * Everything a migration can leave in one database, as sorted lines of text: schemas, relations with owners, grants and row
 * security, columns, constraints, indexes, policies, functions, triggers, types, default privileges, extensions. Roles are
 * left out (they belong to the cluster and outlive a rollback), and so is drizzle's own history.
 */
export async function catalogueOf(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const lines: string[] = [];
    for (const [kind, query] of Object.entries(QUERIES)) {
      const { rows } = await client.query(query);
      lines.push(...rows.map((row) => `${kind} ${JSON.stringify(row)}`));
    }
    return lines.sort();
  } finally {
    await client.end();
  }
}
