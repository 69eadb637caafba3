-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "unproven" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "oauth_flow" ADD COLUMN     "unproven" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "pending_credential" ADD COLUMN     "unproven" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- Who gave the values of existing connections is not known. Those of an end user's connection count as typed by the end user. The shop of
-- a Shopify connection that was made by OAuth was confirmed by Shopify. The other inputs become proven when the account is connected
-- again or an API key of the workspace sets them; a connection with an externalId has to be created again.
UPDATE "connection" c SET "unproven" =
    CASE WHEN c.external_id IS NULL THEN '{}' ELSE ARRAY['externalId'] END
    || CASE WHEN c.method = 'OAUTH' AND i.provider = 'shopify' THEN '{}' ELSE
         ARRAY(SELECT 'input.' || name FROM jsonb_object_keys(c.input) AS name) END
    || ARRAY(SELECT 'extra.' || name FROM jsonb_object_keys(c.extra) AS name)
  FROM "integration" i WHERE i.id = c.integration_id AND c.end_user_id IS NOT NULL
    AND (c.external_id IS NOT NULL OR c.input <> '{}' OR c.extra <> '{}');
UPDATE "oauth_flow" f SET "unproven" = ARRAY(SELECT 'input.' || name FROM jsonb_object_keys(f.input) AS name)
  FROM "integration" i WHERE i.id = f.integration_id AND i.provider IS DISTINCT FROM 'shopify';
UPDATE "pending_credential" p SET "unproven" = ARRAY(SELECT 'input.' || name FROM jsonb_object_keys(p.input) AS name);

-- Webhooks find a connection only by what is not unproven.
DROP INDEX "connection_match_keys";
DROP FUNCTION latchkey_match_keys(uuid, text, jsonb, jsonb, jsonb);
CREATE FUNCTION latchkey_match_keys(integration_id uuid, external_id text, input jsonb, kept jsonb, extra jsonb, unproven text[])
RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(hashtextextended(integration_id::text || ' ' || v.name || ' ' || v.value, 0)), '{}') FROM (
    SELECT 'externalId' AS name, external_id AS value WHERE external_id IS NOT NULL
    UNION ALL
    SELECT 'input.' || i.key, i.value #>> '{}' FROM jsonb_each(input) AS i
    WHERE jsonb_typeof(i.value) IN ('string', 'number', 'boolean')
    UNION ALL
    SELECT 'kept.' || k.key, k.value #>> '{}' FROM jsonb_each(kept) AS k
    WHERE jsonb_typeof(k.value) IN ('string', 'number', 'boolean') AND NOT extra ? k.key AND NOT 'kept' = ANY (unproven)
    UNION ALL
    SELECT 'extra.' || e.key, e.value FROM jsonb_each_text(extra) AS e
  ) AS v WHERE NOT v.name = ANY (unproven)
$$;
CREATE INDEX "connection_match_keys" ON "connection"
  USING gin (latchkey_match_keys("integration_id", "external_id", "input", "kept", "extra", "unproven"));
