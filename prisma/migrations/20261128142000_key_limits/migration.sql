-- AlterTable
ALTER TABLE "api_key" ADD COLUMN     "created_by" TEXT,
ADD COLUMN     "integration_ids" UUID[] DEFAULT ARRAY[]::UUID[],
ADD COLUMN     "scopes" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "event" ADD COLUMN     "integration_id" UUID;

-- Row-level security for keys that are limited to integrations. Processes of older versions do not set latchkey.integrations;
-- they do not accept such keys, whose hashes they cannot compute.

-- Null for a caller who is not limited to integrations.
CREATE FUNCTION latchkey_integrations() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('latchkey.integrations', true), '')::uuid[] $$;

-- Adds a condition that must hold besides the policies of latchkey_protect.
--   limited  which rows such a key sees and writes
--   command  what it may do with those alone
CREATE FUNCTION latchkey_limit(protected regclass, limited text, command text DEFAULT 'ALL')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE POLICY tenant_integrations ON %s AS RESTRICTIVE FOR %s TO latchkey_tenant USING ((SELECT latchkey_integrations()) IS NULL OR (%s))',
                 protected, command, limited);
END
$$;
REVOKE EXECUTE ON FUNCTION latchkey_limit FROM PUBLIC;

SELECT latchkey_limit('integration', 'id = ANY ((SELECT latchkey_integrations())::uuid[])');
SELECT latchkey_limit(t::regclass, 'integration_id = ANY ((SELECT latchkey_integrations())::uuid[])')
  FROM unnest(ARRAY['integration_secret', 'integration_pace', 'connection', 'oauth_flow', 'revocation']) AS t;
-- The policies of connections hold within these.
SELECT latchkey_limit(t::regclass, 'EXISTS (SELECT FROM connection c WHERE c.id = connection_id)')
  FROM unnest(ARRAY['credential', 'pending_credential', 'sync_job', 'stream_state', 'parent_cursor', 'record']) AS t;
SELECT latchkey_limit(t::regclass, 'EXISTS (SELECT FROM sync_job j WHERE j.id = sync_job_id)')
  FROM unnest(ARRAY['sync_job_stream', 'sync_job_token']) AS t;
-- Events are written for other integrations too: to delete an integration ends sessions that offered several.
SELECT latchkey_limit('event', 'coalesce(integration_id, (SELECT c.integration_id FROM connection c WHERE c.id = connection_id))
  = ANY ((SELECT latchkey_integrations())::uuid[])', 'SELECT');
-- Keys that may do no more than the caller.
SELECT latchkey_limit('api_key', 'cardinality(integration_ids) > 0 AND integration_ids <@ (SELECT latchkey_integrations())::uuid[]');
