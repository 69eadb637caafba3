-- Views for people who read the database with SQL. They run with the rights of whoever reads them (security_invoker): a reader sees the
-- workspaces that latchkey_grant_reader has granted, by policies of its own, and of each table only the columns that the views have.

-- The row id in a global id of the API: of a connection, a sync job or a record.
CREATE FUNCTION latchkey_row_id(global_id text) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  AS $$ SELECT split_part(convert_from(decode(rpad(translate(global_id, '-_', '+/'), ((length(global_id) + 3) / 4) * 4, '='), 'base64'), 'UTF8'), ':', 2)::uuid $$;

-- jsonb refuses what json and providers may have: the character NUL, single surrogates, numbers beyond the range of numeric.
CREATE FUNCTION latchkey_jsonb(value json) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF value::text !~ '\\u(0000|[dD][89a-fA-F])|[eE][+-]?[0-9]{4}|[0-9]{255}' THEN
    RETURN value::jsonb;
  END IF;
  BEGIN
    RETURN value::jsonb;
  EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
  END;
END
$$;

CREATE VIEW latchkey_connections WITH (security_invoker = true) AS
  SELECT w.slug AS workspace, c.id AS connection_id, c.external_id, c.display_name, c.status::text AS status, i.slug AS integration,
    l.name AS collection, e.external_id AS end_user, c.metadata, c.created_at, c.updated_at
  FROM connection c JOIN workspace w ON w.id = c.workspace_id JOIN integration i ON i.id = c.integration_id
  LEFT JOIN collection l ON l.id = c.collection_id LEFT JOIN end_user e ON e.id = c.end_user_id
  WHERE c.deleted_at IS NULL;

CREATE VIEW latchkey_records WITH (security_invoker = true) AS
  SELECT w.slug AS workspace, r.connection_id, l.name AS collection, e.external_id AS end_user, i.slug AS integration, r.stream,
    latchkey_jsonb(r.primary_key) AS primary_key, latchkey_jsonb(r.data) AS data, r.data::text AS data_text, r.deleted, r.changed_at,
    r.position, r.id AS record_id
  FROM record r JOIN connection c ON c.id = r.connection_id JOIN workspace w ON w.id = c.workspace_id
  JOIN integration i ON i.id = c.integration_id
  LEFT JOIN collection l ON l.id = c.collection_id LEFT JOIN end_user e ON e.id = c.end_user_id
  WHERE c.deleted_at IS NULL;

CREATE VIEW latchkey_sync_jobs WITH (security_invoker = true) AS
  SELECT w.slug AS workspace, j.id AS sync_job_id, j.connection_id, i.slug AS integration, j.status::text AS status,
    j.trigger::text AS trigger, j.records_read, j.records_written, j.records_deleted, j.error->>'code' AS error_code,
    j.error->>'message' AS error_message, j.queued_at, j.started_at, j.finished_at
  FROM sync_job j JOIN connection c ON c.id = j.connection_id JOIN workspace w ON w.id = c.workspace_id
  JOIN integration i ON i.id = c.integration_id
  WHERE c.deleted_at IS NULL;

-- Lets a user of the database read the views, for the rows of one workspace. May be called for several workspaces.
CREATE FUNCTION latchkey_grant_reader(reader name, workspace_slug text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  granted uuid := (SELECT id FROM workspace w WHERE w.slug = workspace_slug AND w.deleted_at IS NULL);
  -- Its name is unique for reader and workspace, and shorter than the limit of 63 bytes.
  policy text := 'reader_' || substr(md5(reader || ' ' || granted), 1, 16);
  source record;
BEGIN
  IF granted IS NULL THEN
    RAISE EXCEPTION 'There is no workspace with the slug %.', workspace_slug;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
    RAISE EXCEPTION 'There is no user %.', reader USING HINT = format('CREATE ROLE %I LOGIN PASSWORD ''…'';', reader);
  END IF;
  -- Row-level security does not apply to these, or not by the policies of readers alone.
  IF EXISTS (SELECT FROM pg_roles r WHERE pg_has_role(reader, r.oid, 'MEMBER') AND (r.rolsuper OR r.rolbypassrls
      OR r.rolname = 'latchkey_tenant' OR r.oid = (SELECT relowner FROM pg_class WHERE oid = 'record'::regclass))) THEN
    RAISE EXCEPTION 'The user % could read all workspaces: it is, or may become, an administrator or the user of Latchkey.', reader
      USING HINT = 'Use a user of its own.';
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), reader);
  EXECUTE format('GRANT SELECT ON latchkey_connections, latchkey_records, latchkey_sync_jobs TO %I', reader);
  FOR source IN SELECT * FROM (VALUES
    ('workspace', 'id', 'id, slug'),
    ('integration', 'workspace_id', 'id, slug, workspace_id'),
    ('collection', 'workspace_id', 'id, name, workspace_id'),
    ('end_user', 'workspace_id', 'id, external_id, workspace_id'),
    ('connection', 'workspace_id', 'id, workspace_id, integration_id, end_user_id, collection_id, external_id, display_name, status, metadata, created_at, updated_at, deleted_at'),
    ('record', 'workspace_id', 'id, workspace_id, connection_id, stream, primary_key, data, deleted, changed_at, position'),
    ('sync_job', 'workspace_id', 'id, workspace_id, connection_id, status, trigger, records_read, records_written, records_deleted, error, queued_at, started_at, finished_at')
  ) AS t (name, key, columns)
  LOOP
    EXECUTE format('GRANT SELECT (%s) ON %I TO %I', source.columns, source.name, reader);
    CONTINUE WHEN EXISTS (SELECT FROM pg_policy p WHERE p.polname = policy AND p.polrelid = source.name::regclass);
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO %I USING (%I = %L::uuid)', policy, source.name, reader, source.key, granted);
  END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION latchkey_grant_reader FROM PUBLIC;

-- Takes back all that latchkey_grant_reader has granted to the user, for all workspaces. Must be called before DROP ROLE.
CREATE FUNCTION latchkey_revoke_reader(reader name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  source record;
BEGIN
  FOR source IN SELECT p.polname AS policy, p.polrelid::regclass AS protected FROM pg_policy p JOIN pg_roles r ON r.rolname = reader
    WHERE p.polname LIKE 'reader\_%' AND p.polroles = ARRAY[r.oid]
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', source.policy, source.protected);
  END LOOP;
  EXECUTE format('REVOKE ALL ON latchkey_connections, latchkey_records, latchkey_sync_jobs, workspace, integration, collection, end_user,
    connection, record, sync_job FROM %I', reader);
  EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %I', current_schema(), reader);
END
$$;
REVOKE EXECUTE ON FUNCTION latchkey_revoke_reader FROM PUBLIC;
