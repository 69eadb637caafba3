-- AlterTable
ALTER TABLE "connect_session" ADD COLUMN     "from_tool" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "tool_session" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "end_user_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "integration_ids" UUID[],
    "actions" TEXT[],
    "read_only" BOOLEAN NOT NULL,
    "connects" BOOLEAN NOT NULL,
    "api_key_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "tool_session_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tool_session_token_hash_key" ON "tool_session"("token_hash");

-- CreateIndex
CREATE INDEX "tool_session_end_user_id_idx" ON "tool_session"("end_user_id");

-- CreateIndex
CREATE INDEX "tool_session_api_key_id_idx" ON "tool_session"("api_key_id");

-- CreateIndex
CREATE INDEX "tool_session_expires_at_idx" ON "tool_session"("expires_at");

-- AddForeignKey
ALTER TABLE "tool_session" ADD CONSTRAINT "tool_session_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tool_session" ADD CONSTRAINT "tool_session_end_user_id_fkey" FOREIGN KEY ("end_user_id") REFERENCES "end_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tool_session" ADD CONSTRAINT "tool_session_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_key"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Hidden from end users, who hold the token and see no more of it. A key that is limited to integrations has the sessions that offer
-- no others.
SELECT latchkey_protect('tool_session', 'false', 'false', 'EXISTS (SELECT FROM end_user u WHERE u.id = end_user_id)');
SELECT latchkey_limit('tool_session', 'cardinality(integration_ids) > 0 AND integration_ids <@ (SELECT latchkey_integrations())::uuid[]');
-- Whoever makes a session has its key. Whoever ends one need not see it: an operator or a key with fewer limits can have made it.
CREATE POLICY tenant_key ON "tool_session" AS RESTRICTIVE FOR INSERT TO latchkey_tenant
  WITH CHECK (EXISTS (SELECT FROM api_key k WHERE k.id = api_key_id));
REVOKE UPDATE ON "tool_session" FROM latchkey_tenant;
GRANT UPDATE ("revoked_at") ON "tool_session" TO latchkey_tenant;
