-- Whose event it is, so that an end user can be shown his own, also those of a connection that is gone.
ALTER TABLE "event" ADD COLUMN "end_user_id" UUID;
UPDATE "event" e SET "end_user_id" = c."end_user_id" FROM "connection" c WHERE c."id" = e."connection_id";

-- The second wall. The requests of a caller who belongs to a workspace run under the role latchkey_tenant, with the
-- workspace, and for an end user his id, in settings of the session. Policies choose by them which rows there are.
-- Workers, authentication and operators run under the role that the program logs in with, which owns the tables.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'latchkey_tenant') THEN
    BEGIN
      CREATE ROLE latchkey_tenant NOLOGIN;
    EXCEPTION
      -- Another database of this server was migrated at the same moment.
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'The role latchkey_tenant is missing, and % may not create it.', current_user
          USING HINT = format('As an administrator: CREATE ROLE latchkey_tenant NOLOGIN; GRANT latchkey_tenant TO %I;', current_user);
    END;
  END IF;
  -- Since version 16 who created a role may administer it, and may still not become it.
  IF NOT pg_has_role(current_user, 'latchkey_tenant',
                     CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
    BEGIN
      EXECUTE format('GRANT latchkey_tenant TO %I', current_user);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION '% may not become the role latchkey_tenant.', current_user
        USING HINT = format('As an administrator: GRANT latchkey_tenant TO %I;', current_user);
    END;
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO latchkey_tenant', current_schema());
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO latchkey_tenant', current_schema());
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO latchkey_tenant', current_schema());
END
$$;

-- Null outside of a scope: then nothing is equal to it, and there are no rows.
CREATE FUNCTION latchkey_workspace() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('latchkey.workspace', true), '')::uuid $$;

-- Null for a caller who acts for the whole workspace.
CREATE FUNCTION latchkey_end_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('latchkey.end_user', true), '')::uuid $$;

-- Every table of tenants is put behind the wall by one call. One that is not has no rights at all for latchkey_tenant.
--   reads   which rows of his workspace an end user sees (and may lock)
--   writes  which rows he may write
--   refers  what must hold for every row that anybody writes: it refers only to what belongs to the same workspace
--   key     the column that names the workspace
-- A function in a sub-select is called once for a statement and not once for a row.
CREATE FUNCTION latchkey_protect(protected regclass, reads text, writes text, refers text DEFAULT 'true', key text DEFAULT 'workspace_id')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own text := format('%I = (SELECT latchkey_workspace()) AND ((SELECT latchkey_end_user()) IS NULL OR (%%s))', key);
  seen text := format(own, reads);
  written text := format(own, writes);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO latchkey_tenant', protected);
  EXECUTE format('CREATE POLICY tenant_select ON %s FOR SELECT TO latchkey_tenant USING (%s)', protected, seen);
  EXECUTE format('CREATE POLICY tenant_insert ON %s FOR INSERT TO latchkey_tenant WITH CHECK (%s AND (%s))', protected, written, refers);
  EXECUTE format('CREATE POLICY tenant_update ON %s FOR UPDATE TO latchkey_tenant USING (%s) WITH CHECK (%s AND (%s))',
                 protected, seen, written, refers);
  EXECUTE format('CREATE POLICY tenant_delete ON %s FOR DELETE TO latchkey_tenant USING (%s)', protected, written);
END
$$;
REVOKE EXECUTE ON FUNCTION latchkey_protect FROM PUBLIC;

-- What a connection refers to, looked at past the policies: those of collections look at connections.
CREATE FUNCTION latchkey_same_workspace(integration_id uuid, end_user_id uuid, collection_id uuid) RETURNS boolean
-- Volatile: one that is stable would look at the database as it was before the statement waited for another transaction.
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT EXISTS (SELECT FROM integration i WHERE i.id = $1 AND i.workspace_id = latchkey_workspace())
    AND ($2 IS NULL OR EXISTS (SELECT FROM end_user e WHERE e.id = $2 AND e.workspace_id = latchkey_workspace()))
    AND ($3 IS NULL OR EXISTS (SELECT FROM collection c WHERE c.id = $3 AND c.workspace_id = latchkey_workspace()))
$$;

SELECT latchkey_protect('workspace', 'true', 'false', key => 'id');
SELECT latchkey_protect('api_key', 'false', 'false');
SELECT latchkey_protect('oidc_issuer', 'false', 'false');
SELECT latchkey_protect('end_user', 'id = (SELECT latchkey_end_user())', 'false');
SELECT latchkey_protect('integration', 'true', 'false');
SELECT latchkey_protect('integration_secret', 'true', 'false');
SELECT latchkey_protect('collection', 'EXISTS (SELECT FROM connection c WHERE c.collection_id = collection.id)', 'false');
SELECT latchkey_protect('connection', own, own, 'latchkey_same_workspace(integration_id, end_user_id, collection_id)')
  FROM (VALUES ('end_user_id = (SELECT latchkey_end_user())')) AS v (own);
-- The policies of connections hold within these: an end user's are those of his own.
SELECT latchkey_protect(t::regclass, own, own, own)
  FROM unnest(ARRAY['credential', 'sync_job', 'stream_state', 'record']) AS t,
       (VALUES ('EXISTS (SELECT FROM connection c WHERE c.id = connection_id)')) AS v (own);
SELECT latchkey_protect('sync_job_stream', own, own, own)
  FROM (VALUES ('EXISTS (SELECT FROM sync_job j WHERE j.id = sync_job_id)')) AS v (own);
SELECT latchkey_protect('event_log', 'true', 'true');
SELECT latchkey_protect('event', 'end_user_id = (SELECT latchkey_end_user())', 'true');
REVOKE UPDATE, DELETE ON "event" FROM latchkey_tenant;
