import { sql, type SQL } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { superuserDatabase } from "../../../support/workerd/factories.ts";
import { createScratchDatabase } from "../../../support/workerd/scratch-database.ts";

const read = async (query: SQL, appUrl?: string): Promise<Record<string, unknown>[]> =>
  (await superuserDatabase(appUrl).execute(query)).rows;
const lines = async (query: SQL, appUrl?: string): Promise<string[]> =>
  (await read(query, appUrl)).map((row) => Object.values(row).join(" ")).toSorted();

/** Tables with a company that do not hold the application to the company of its context. */
const unheld = sql`select c.relname from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'company_id' and not a.attisdropped
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not (c.relrowsecurity and c.relforcerowsecurity and exists
    (select from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname and p.roles = '{etter_app}' and p.cmd = 'ALL'
      and p.qual = (select t.qual from pg_policies t where t.tablename = 'users' and t.policyname = 'tenant')))`;

/** What the database must look like, to the letter: a table, grant or policy more or less is a decision, made here. */
describe("the catalogue", () => {
  it("forces row level security on every table of ours, and all are the owner's", async () => {
    expect(
      await lines(sql`select relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner)
        from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`),
    ).toEqual([
      "audit_log true true etter_owner",
      "companies true true etter_owner",
      "company_roles true true etter_owner",
      "company_storage true true etter_owner",
      "documents true true etter_owner",
      "folder_deletion_items true true etter_owner",
      "folder_deletions true true etter_owner",
      "folders true true etter_owner",
      "idempotency_keys true true etter_owner",
      "mail_outbox true true etter_owner",
      "mailed_tokens true true etter_owner",
      "registrations true true etter_owner",
      "sessions true true etter_owner",
      "simulation_series true true etter_owner",
      "simulation_sweeps true true etter_owner",
      "simulations true true etter_owner",
      "upload_parts true true etter_owner",
      "upload_sessions true true etter_owner",
      "users true true etter_owner",
    ]);
  });

  it("holds the application to the company of its context on every table with a company, whichever they are", async () => {
    expect(await lines(unheld)).toEqual([]);
  });

  it("… and would notice one that is not: without a policy, not forced, or with a looser one", async () => {
    const scratch = await createScratchDatabase("migrated");
    const tenant = sql.raw("company_id = (SELECT nullif(current_setting('app.company_id', true), '')::uuid)");
    const make = (name: string, ...more: SQL[]) =>
      [sql`create table ${sql.identifier(name)} (company_id uuid not null)`, ...more].reduce(
        (before, statement) => before.then(() => superuserDatabase(scratch.appUrl).execute(statement)),
        Promise.resolve<unknown>(undefined),
      );
    try {
      await make("bare");
      await make("forced_only", sql`alter table forced_only enable row level security, force row level security`);
      const policy = (name: string, rule: SQL) =>
        sql`create policy tenant on ${sql.identifier(name)} to etter_app using (${rule})`;
      await make("not_forced", sql`alter table not_forced enable row level security`, policy("not_forced", tenant));
      const forced = sql`enable row level security, force row level security`;
      await make("loose", sql`alter table loose ${forced}`, policy("loose", sql`true`));
      await make("held", sql`alter table held ${forced}`, policy("held", tenant));
      expect(await lines(unheld, scratch.appUrl)).toEqual(["bare", "forced_only", "loose", "not_forced"]);
    } finally {
      await scratch.drop();
    }
  });

  it("gives every table but companies a company that cannot be null", async () => {
    const without = await lines(sql`select c.relname from pg_class c
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'companies' and not exists
        (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'company_id' and a.attnotnull)`);
    expect(without).toEqual([]);
  });

  it("ties tenant tables together with the company in the key, since foreign keys ignore row level security", async () => {
    const loose = await lines(sql`select conname from pg_constraint k
      where contype = 'f' and connamespace = 'public'::regnamespace and confrelid <> 'public.companies'::regclass
        and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any(k.conkey) and a.attname = 'company_id')`);
    expect(loose).toEqual([]);
  });

  it("has these policies and no other", async () => {
    const tenant = (column: string) =>
      `(${column} = ( SELECT (NULLIF(current_setting('app.company_id'::text, true), ''::text))::uuid AS "nullif"))`;
    expect(
      await lines(
        sql`select tablename, policyname, cmd, array_to_string(roles, ','), permissive, qual, with_check from pg_policies where schemaname = 'public'`,
      ),
    ).toEqual(
      [
        `audit_log across SELECT etter_system PERMISSIVE true `,
        `audit_log delivery_tells INSERT etter_system PERMISSIVE  (action = ANY (ARRAY['mail.dead'::text, 'mail.retry'::text]))`,
        `audit_log tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `companies across SELECT etter_system PERMISSIVE true `,
        `companies tenant ALL etter_app PERMISSIVE ${tenant("id")} `,
        `company_roles tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `company_storage counting ALL etter_definer PERMISSIVE true `,
        `company_storage tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `documents search SELECT etter_definer PERMISSIVE true `,
        `documents sweep SELECT etter_system PERMISSIVE ((due_at IS NOT NULL) OR (status = ANY (ARRAY['scanning'::text, 'ready'::text]))) `,
        `documents tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `folder_deletion_items tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `folder_deletions sweep SELECT etter_system PERMISSIVE (due_at IS NOT NULL) `,
        `folder_deletions tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `folders tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `idempotency_keys sweep ALL etter_system PERMISSIVE (created_at < (now() - '24:00:00'::interval)) `,
        `idempotency_keys tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `mail_outbox delivery_read SELECT etter_system PERMISSIVE true `,
        `mail_outbox delivery_settle UPDATE etter_system PERMISSIVE (status <> 'sent'::text) true`,
        `mail_outbox delivery_sweep DELETE etter_system PERMISSIVE (status = ANY (ARRAY['sent'::text, 'dead'::text])) `,
        `mail_outbox tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `mailed_tokens sweep ALL etter_system PERMISSIVE (expires_at < now()) `,
        `mailed_tokens tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `registrations sweep ALL etter_system PERMISSIVE (expires_at < now()) `,
        `registrations tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `sessions sweep ALL etter_system PERMISSIVE (expires_at < (now() - '30 days'::interval)) `,
        `sessions tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `simulation_series tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `simulation_sweeps tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `simulations sweep SELECT etter_system PERMISSIVE (completed_at IS NULL) `,
        `simulations tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `users across SELECT etter_system PERMISSIVE true `,
        `users login SELECT etter_definer PERMISSIVE (deleted_at IS NULL) `,
        `upload_parts tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `upload_sessions tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
        `users tenant ALL etter_app PERMISSIVE ${tenant("company_id")} `,
      ].toSorted(),
    );
  });

  it("grants these privileges on tables and columns and no other", async () => {
    expect(
      await lines(sql`select grantee, table_name, string_agg(privilege_type, ',' order by privilege_type)
        from information_schema.role_table_grants where table_schema = 'public' and grantee <> 'etter_owner' group by 1, 2`),
    ).toEqual([
      "etter_app audit_log INSERT,SELECT",
      "etter_app companies INSERT,SELECT",
      "etter_app company_roles DELETE,INSERT,SELECT,UPDATE",
      "etter_app company_storage SELECT",
      "etter_app documents INSERT,SELECT,UPDATE",
      "etter_app folder_deletion_items INSERT,SELECT,UPDATE",
      "etter_app folder_deletions INSERT,SELECT,UPDATE",
      "etter_app folders DELETE,INSERT,SELECT,UPDATE",
      "etter_app idempotency_keys DELETE,INSERT,SELECT",
      "etter_app mail_outbox INSERT",
      "etter_app mailed_tokens DELETE,INSERT,SELECT,UPDATE",
      "etter_app registrations DELETE,INSERT,SELECT,UPDATE",
      "etter_app sessions INSERT,SELECT,UPDATE",
      "etter_app simulation_series DELETE,INSERT,SELECT,UPDATE",
      "etter_app simulation_sweeps DELETE,INSERT,SELECT",
      "etter_app simulations DELETE,INSERT,SELECT,UPDATE",
      "etter_app upload_parts DELETE,INSERT,SELECT,UPDATE",
      "etter_app upload_sessions INSERT,SELECT,UPDATE",
      "etter_app users INSERT,SELECT,UPDATE",
      "etter_definer company_storage INSERT,SELECT,UPDATE",
      "etter_system audit_log INSERT,SELECT",
      "etter_system companies SELECT",
      "etter_system idempotency_keys DELETE",
      "etter_system mail_outbox DELETE,SELECT",
      "etter_system mailed_tokens DELETE",
      "etter_system registrations DELETE",
      "etter_system sessions DELETE",
    ]);
    // Of columns alone; what is granted on a table holds for all of its columns.
    expect(
      await lines(sql`select pg_get_userbyid(a.grantee), attrelid::regclass, a.privilege_type, string_agg(attname, ',' order by attname)
        from pg_class c join pg_attribute on attrelid = c.oid, aclexplode(attacl) a where c.relnamespace = 'public'::regnamespace group by 1, 2, 3`),
    ).toEqual([
      "etter_app companies UPDATE dark_theme_image_url,light_theme_image_url,logo_url,name,updated_at",
      "etter_app mail_outbox SELECT company_id,id",
      "etter_definer documents SELECT company_id,id,original_filename,status",
      "etter_definer users SELECT company_id,deleted_at,email,email_verified_at,id,is_active,password_hash,password_version",
      "etter_system documents SELECT company_id,due_at,id,status,version",
      "etter_system folder_deletions SELECT company_id,due_at,id,path",
      "etter_system idempotency_keys SELECT company_id,created_at,key,route,user_id",
      "etter_system mail_outbox UPDATE attempts,due_at,last_error,provider_message_id,sealed_token,settled_at,status",
      "etter_system mailed_tokens SELECT company_id,expires_at,purpose,user_id",
      "etter_system registrations SELECT expires_at,id",
      "etter_system sessions SELECT expires_at,id",
      "etter_system simulations SELECT company_id,completed_at,created_at,id,status,sweep_id",
      "etter_system users SELECT company_id,created_at,deleted_at,email,email_verified_at,first_name,group,id,image_url,is_active,last_login_at,last_name,theme_config",
    ]);
  });

  it("has these functions, with these owners, rights and callers", async () => {
    expect(
      await lines(sql`select proname, pg_get_userbyid(proowner), case when prosecdef then 'definer' else 'invoker' end, array_to_string(proconfig, ','),
        (select string_agg(distinct coalesce(nullif(pg_get_userbyid(a.grantee), 'unknown (OID=0)'), 'PUBLIC'), ',') from aclexplode(proacl) a where a.grantee <> proowner)
        from pg_proc where pronamespace = 'app'::regnamespace`),
    ).toEqual([
      "count_stored_bytes etter_definer definer search_path=pg_catalog ",
      "documents_named etter_definer definer search_path=pg_catalog etter_app",
      "enter_across etter_owner invoker search_path=pg_catalog etter_app",
      "enter_company etter_owner invoker search_path=pg_catalog etter_app",
      "enter_foreign etter_owner invoker search_path=pg_catalog etter_app",
      "enter_session etter_owner invoker search_path=pg_catalog etter_app",
      "enter_super_admin etter_owner invoker search_path=pg_catalog etter_app",
      "find_login etter_definer definer search_path=pg_catalog etter_app",
    ]);
  });

  it("has roles that bypass nothing, and memberships that give nothing by themselves", async () => {
    expect(
      await lines(
        sql`select rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole from pg_roles where rolname like 'etter%'`,
      ),
    ).toEqual([
      "etter_app false false true false",
      "etter_definer false false false false",
      "etter_owner false false true true",
      "etter_system false false false false",
    ]);
    expect(
      await lines(sql`select pg_get_userbyid(roleid), inherit_option, set_option from pg_auth_members
        where pg_get_userbyid(member) = 'etter_app'`),
    ).toEqual(["etter_system false true"]);
  });

  it("keeps PUBLIC out", async () => {
    expect(
      await lines(sql`select 'schema ' || nspname, privilege_type from pg_namespace, aclexplode(nspacl) a
        where nspname in ('public', 'app') and a.grantee = 0`),
    ).toEqual([]);
    const [row] = await read(
      sql`select has_database_privilege('etter_app', current_database(), 'TEMPORARY') as temporary`,
    );
    expect(row).toEqual({ temporary: false });
  });
});
