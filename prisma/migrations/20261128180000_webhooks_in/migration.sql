-- AlterEnum
ALTER TYPE "sync_trigger" ADD VALUE 'WEBHOOK';

-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "extra" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "webhook_secret" (
    "integration_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "pending_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_secret_pkey" PRIMARY KEY ("integration_id")
);

-- CreateTable
CREATE TABLE "webhook_receipt" (
    "integration_id" UUID NOT NULL,
    "digest" BYTEA NOT NULL,
    "workspace_id" UUID NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_receipt_pkey" PRIMARY KEY ("integration_id","digest")
);

-- CreateTable
CREATE TABLE "sync_request" (
    "connection_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "streams" TEXT[],

    CONSTRAINT "sync_request_pkey" PRIMARY KEY ("connection_id")
);

-- CreateIndex
CREATE INDEX "webhook_secret_key_id_idx" ON "webhook_secret"("key_id");

-- CreateIndex
CREATE INDEX "webhook_receipt_received_at_idx" ON "webhook_receipt"("received_at");

-- AddForeignKey
ALTER TABLE "webhook_secret" ADD CONSTRAINT "webhook_secret_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_receipt" ADD CONSTRAINT "webhook_receipt_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_request" ADD CONSTRAINT "sync_request_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By which webhooks find the connections of an integration: hashes of its id with each value that a definition may compare, as text.
-- The rows that are found are compared again, because hashes may collide.
CREATE FUNCTION latchkey_match_keys(integration_id uuid, external_id text, input jsonb, kept jsonb, extra jsonb)
RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(hashtextextended(integration_id::text || ' ' || v.name || ' ' || v.value, 0)), '{}') FROM (
    SELECT 'externalId' AS name, external_id AS value WHERE external_id IS NOT NULL
    UNION ALL
    SELECT 'input.' || i.key, i.value #>> '{}' FROM jsonb_each(input) AS i
    WHERE jsonb_typeof(i.value) IN ('string', 'number', 'boolean')
    UNION ALL
    SELECT 'kept.' || k.key, k.value #>> '{}' FROM jsonb_each(kept) AS k
    WHERE jsonb_typeof(k.value) IN ('string', 'number', 'boolean') AND NOT extra ? k.key
    UNION ALL
    SELECT 'extra.' || e.key, e.value FROM jsonb_each_text(extra) AS e
  ) AS v
$$;
CREATE INDEX "connection_match_keys" ON "connection"
  USING gin (latchkey_match_keys("integration_id", "external_id", "input", "kept", "extra"));

-- Row-level security. Secrets and receipts are not for end users. The sync requests of a connection are for whoever sees it.
SELECT latchkey_protect('webhook_secret', 'false', 'false', 'EXISTS (SELECT FROM integration i WHERE i.id = integration_id)');
SELECT latchkey_protect('webhook_receipt', 'false', 'false', 'EXISTS (SELECT FROM integration i WHERE i.id = integration_id)');
SELECT latchkey_protect('sync_request', own, own, own) FROM (VALUES ('EXISTS (SELECT FROM connection c WHERE c.id = connection_id)')) AS v (own);
SELECT latchkey_limit(t::regclass, 'integration_id = ANY ((SELECT latchkey_integrations())::uuid[])')
  FROM unnest(ARRAY['webhook_secret', 'webhook_receipt']) AS t;
SELECT latchkey_limit('sync_request', 'EXISTS (SELECT FROM connection c WHERE c.id = connection_id)');
