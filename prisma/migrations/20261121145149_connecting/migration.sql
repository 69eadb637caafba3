-- CreateEnum
CREATE TYPE "connect_session_status" AS ENUM ('PENDING', 'CONNECTING', 'AWAITING_CONFIRMATION', 'COMPLETED', 'FAILED', 'EXPIRED', 'REVOKED');

-- CreateTable
CREATE TABLE "connect_session" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "end_user_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "status" "connect_session_status" NOT NULL DEFAULT 'PENDING',
    "integration_ids" UUID[],
    "redirect_url" TEXT,
    "allowed_origins" TEXT[],
    "reconnect_id" UUID,
    "connection_id" UUID,
    "confirmation" "confirmation" NOT NULL,
    "browser_hash" BYTEA,
    "error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "opened_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "connect_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "oauth_flow" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "integration_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "connect_session_id" UUID,
    "state_hash" BYTEA NOT NULL,
    "browser_hash" BYTEA,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "redirect_uri" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "scopes" TEXT[],
    "auth_digest" BYTEA NOT NULL,
    "return_url" TEXT,
    "input" JSONB NOT NULL DEFAULT '{}',
    "display_name" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),
    "result_hash" BYTEA,
    "outcome" JSONB,

    CONSTRAINT "oauth_flow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pending_credential" (
    "connection_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "connect_session_id" UUID,
    "handle_hash" BYTEA NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "input" JSONB NOT NULL DEFAULT '{}',
    "kept" JSONB NOT NULL DEFAULT '{}',
    "display_name" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pending_credential_pkey" PRIMARY KEY ("connection_id")
);

-- CreateTable
CREATE TABLE "revocation" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "integration_id" UUID NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "input" JSONB NOT NULL DEFAULT '{}',
    "kept" JSONB NOT NULL DEFAULT '{}',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "revocation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sync_job_token" (
    "sync_job_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,

    CONSTRAINT "sync_job_token_pkey" PRIMARY KEY ("sync_job_id")
);

-- CreateTable
CREATE TABLE "integration_pace" (
    "integration_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "next_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "integration_pace_pkey" PRIMARY KEY ("integration_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "connect_session_token_hash_key" ON "connect_session"("token_hash");

-- CreateIndex
CREATE INDEX "connect_session_workspace_id_id_idx" ON "connect_session"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "connect_session_end_user_id_idx" ON "connect_session"("end_user_id");

-- CreateIndex
CREATE INDEX "connect_session_expires_at_idx" ON "connect_session"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_flow_state_hash_key" ON "oauth_flow"("state_hash");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_flow_result_hash_key" ON "oauth_flow"("result_hash");

-- CreateIndex
CREATE INDEX "oauth_flow_key_id_idx" ON "oauth_flow"("key_id");

-- CreateIndex
CREATE INDEX "oauth_flow_connection_id_idx" ON "oauth_flow"("connection_id");

-- CreateIndex
CREATE INDEX "oauth_flow_connect_session_id_idx" ON "oauth_flow"("connect_session_id");

-- CreateIndex
CREATE INDEX "oauth_flow_integration_id_idx" ON "oauth_flow"("integration_id");

-- CreateIndex
CREATE INDEX "oauth_flow_expires_at_idx" ON "oauth_flow"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "pending_credential_handle_hash_key" ON "pending_credential"("handle_hash");

-- CreateIndex
CREATE INDEX "pending_credential_key_id_idx" ON "pending_credential"("key_id");

-- CreateIndex
CREATE INDEX "pending_credential_expires_at_idx" ON "pending_credential"("expires_at");

-- CreateIndex
CREATE INDEX "revocation_key_id_idx" ON "revocation"("key_id");

-- CreateIndex
CREATE INDEX "revocation_workspace_id_idx" ON "revocation"("workspace_id");

-- CreateIndex
CREATE INDEX "revocation_integration_id_idx" ON "revocation"("integration_id");

-- CreateIndex
CREATE INDEX "revocation_next_attempt_at_idx" ON "revocation"("next_attempt_at");

-- CreateIndex
CREATE INDEX "sync_job_token_key_id_idx" ON "sync_job_token"("key_id");

-- AddForeignKey
ALTER TABLE "connect_session" ADD CONSTRAINT "connect_session_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connect_session" ADD CONSTRAINT "connect_session_end_user_id_fkey" FOREIGN KEY ("end_user_id") REFERENCES "end_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_flow" ADD CONSTRAINT "oauth_flow_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_flow" ADD CONSTRAINT "oauth_flow_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "oauth_flow" ADD CONSTRAINT "oauth_flow_connect_session_id_fkey" FOREIGN KEY ("connect_session_id") REFERENCES "connect_session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_credential" ADD CONSTRAINT "pending_credential_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revocation" ADD CONSTRAINT "revocation_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revocation" ADD CONSTRAINT "revocation_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_job_token" ADD CONSTRAINT "sync_job_token_sync_job_id_fkey" FOREIGN KEY ("sync_job_id") REFERENCES "sync_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration_pace" ADD CONSTRAINT "integration_pace_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RenameIndex
ALTER INDEX "connection_next_run_at" RENAME TO "connection_next_run_at_idx";

-- An end user has his own sessions, and what hangs on his own connections.
SELECT latchkey_protect('connect_session', own, own)
  FROM (VALUES ('end_user_id = (SELECT latchkey_end_user())')) AS v (own);
SELECT latchkey_protect(t::regclass, own, own, own)
  FROM unnest(ARRAY['oauth_flow', 'pending_credential']) AS t,
       (VALUES ('EXISTS (SELECT FROM connection c WHERE c.id = connection_id)')) AS v (own);
SELECT latchkey_protect('sync_job_token', own, own, own)
  FROM (VALUES ('EXISTS (SELECT FROM sync_job j WHERE j.id = sync_job_id)')) AS v (own);
-- Written by background work alone.
SELECT latchkey_protect('revocation', 'false', 'false');
SELECT latchkey_protect('integration_pace', 'false', 'false');
