-- CreateTable
CREATE TABLE "action_key" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "key_hash" BYTEA NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "leased_until" TIMESTAMPTZ(3) NOT NULL,
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "action_key_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "action_key_key_id_idx" ON "action_key"("key_id");

-- CreateIndex
CREATE INDEX "action_key_created_at_idx" ON "action_key"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "action_key_connection_id_action_key_hash_key" ON "action_key"("connection_id", "action", "key_hash");

-- AddForeignKey
ALTER TABLE "action_key" ADD CONSTRAINT "action_key_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The policies of connections hold within these: an end user's are those of the end user's own connections.
SELECT latchkey_protect('action_key', own, own, own)
  FROM (VALUES ('EXISTS (SELECT FROM connection c WHERE c.id = connection_id)')) AS v (own);
SELECT latchkey_limit('action_key', 'EXISTS (SELECT FROM connection c WHERE c.id = connection_id)');
