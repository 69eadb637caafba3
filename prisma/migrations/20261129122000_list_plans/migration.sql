-- Policies ask whether a caller is limited to an end user or to integrations. Asked as "(SELECT …) IS NULL", the planner takes
-- the answer to be yes for one row in two hundred, expects a list of a whole tenant to have no rows, and then reads and sorts all
-- of them for one page. It takes a sub-select that is true or false to hold for every second row.
CREATE OR REPLACE FUNCTION latchkey_protect(protected regclass, reads text, writes text, refers text DEFAULT 'true', key text DEFAULT 'workspace_id')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own text := format('%I = (SELECT latchkey_workspace()) AND ((SELECT latchkey_end_user() IS NULL) OR (%%s))', key);
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

CREATE OR REPLACE FUNCTION latchkey_limit(protected regclass, limited text, command text DEFAULT 'ALL')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY tenant_integrations ON %s AS RESTRICTIVE FOR %s TO latchkey_tenant USING ((SELECT latchkey_integrations() IS NULL) OR (%s))',
                 protected, command, limited);
END
$$;

DO $$
DECLARE
  policy record;
  asked text;
  checked text;
  name text;
BEGIN
  FOR policy IN
    SELECT p.polname, c.oid::regclass AS protected, pg_get_expr(p.polqual, p.polrelid) AS asked,
           pg_get_expr(p.polwithcheck, p.polrelid) AS checked
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND p.polroles = ARRAY['latchkey_tenant'::regrole::oid]
  LOOP
    asked := policy.asked;
    checked := policy.checked;
    FOREACH name IN ARRAY ARRAY['latchkey_end_user', 'latchkey_integrations'] LOOP
      asked := replace(asked, format('(( SELECT %1$s() AS %1$s) IS NULL)', name), format('(SELECT %s() IS NULL)', name));
      checked := replace(checked, format('(( SELECT %1$s() AS %1$s) IS NULL)', name), format('(SELECT %s() IS NULL)', name));
    END LOOP;
    EXECUTE format('ALTER POLICY %I ON %s', policy.polname, policy.protected)
      || coalesce(' USING (' || asked || ')', '') || coalesce(' WITH CHECK (' || checked || ')', '');
  END LOOP;
END
$$;

-- Lists of rows with a status, newest or oldest first. The index is chosen by the status in the text of the statement, because a
-- comparison of an enum cannot be a condition of an index under row-level security: it is not leakproof.
CREATE INDEX "sync_job_open" ON "sync_job"("workspace_id", "id") WHERE "status" IN ('QUEUED', 'RUNNING', 'CANCELLING');
CREATE INDEX "sync_job_succeeded" ON "sync_job"("workspace_id", "id") WHERE "status" = 'SUCCEEDED';
CREATE INDEX "sync_job_failed" ON "sync_job"("workspace_id", "id") WHERE "status" = 'FAILED';
CREATE INDEX "sync_job_cancelled" ON "sync_job"("workspace_id", "id") WHERE "status" = 'CANCELLED';
CREATE INDEX "connection_pending" ON "connection"("workspace_id", "id") WHERE "status" = 'PENDING';
CREATE INDEX "connection_needs_reauth" ON "connection"("workspace_id", "id") WHERE "status" = 'NEEDS_REAUTH';
CREATE INDEX "connection_error" ON "connection"("workspace_id", "id") WHERE "status" = 'ERROR';
CREATE INDEX "connection_disabled" ON "connection"("workspace_id", "id") WHERE "status" = 'DISABLED';
CREATE INDEX "webhook_delivery_failed" ON "webhook_delivery"("endpoint_id", "id") WHERE "status" = 'FAILED';

-- Refused actions.
CREATE INDEX "audit_event_refused" ON "audit_event"("workspace_id", "id") WHERE "outcome" <> 'OK';
