import pg from "pg";

export const OWNER_ROLE = "etter_owner";
export const APP_ROLE = "etter_app";
export const MAIN_DATABASE = "etter";

const ROLES = {
  // Migrates: may make tables, and the roles that grants need, but passes no row level security by itself.
  [OWNER_ROLE]: "LOGIN CREATEROLE CREATEDB NOSUPERUSER NOBYPASSRLS",
  [APP_ROLE]: "LOGIN NOCREATEROLE NOCREATEDB NOSUPERUSER NOBYPASSRLS",
};

const DUPLICATE_DATABASE = "42P04";

/** The roles and the main database, made or brought back to what they must be. Needs a superuser's connection. */
export async function ensureRoles(superuser: pg.Pool, password: string): Promise<void> {
  const { rows } = await superuser.query<{ rolname: string }>("SELECT rolname FROM pg_roles");
  const existing = new Set(rows.map((row) => row.rolname));
  for (const [role, attributes] of Object.entries(ROLES)) {
    const verb = existing.has(role) ? "ALTER" : "CREATE";
    await superuser.query(`${verb} ROLE ${role} WITH ${attributes} PASSWORD ${pg.escapeLiteral(password)}`);
  }
}

/**
 * Makes a database owned by the owner role; one of that name that exists is left as it is. With a `template` it is a
 * copy of that database, to which nobody may be connected meanwhile.
 */
export async function ensureDatabase(superuser: pg.Pool, name: string, template?: string): Promise<void> {
  const found = await superuser.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
  if (found.rowCount !== 0) return;
  // Copying files is ten times faster than the default of writing every page to the log.
  const source = template === undefined ? "" : `TEMPLATE ${pg.escapeIdentifier(template)} STRATEGY FILE_COPY`;
  try {
    await superuser.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER ${OWNER_ROLE} ${source}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === DUPLICATE_DATABASE)) throw error;
  }
}

/** Drops a database and whoever is connected to it; one that does not exist is no error. */
export async function dropDatabase(superuser: pg.Pool, name: string): Promise<void> {
  await superuser.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
}
