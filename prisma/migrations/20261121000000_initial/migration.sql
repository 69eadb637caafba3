-- CreateEnum
CREATE TYPE "confirmation" AS ENUM ('REQUIRED', 'NONE');

-- CreateEnum
CREATE TYPE "api_key_role" AS ENUM ('OPERATOR', 'ADMIN', 'READER');

-- CreateEnum
CREATE TYPE "connection_status" AS ENUM ('PENDING', 'ACTIVE', 'NEEDS_REAUTH', 'ERROR', 'DISABLED');

-- CreateEnum
CREATE TYPE "connection_method" AS ENUM ('OAUTH', 'TOKEN_INJECTION', 'SECRET', 'AUTH_PROVIDER');

-- CreateEnum
CREATE TYPE "sync_job_status" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLING', 'CANCELLED');

-- CreateEnum
CREATE TYPE "sync_trigger" AS ENUM ('MANUAL', 'ON_CREATE', 'SCHEDULE');

-- CreateTable
CREATE TABLE "workspace" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "redirect_urls" TEXT[],
    "branding_name" TEXT,
    "branding_logo_url" TEXT,
    "branding_color" TEXT,
    "confirmation" "confirmation" NOT NULL DEFAULT 'REQUIRED',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_key" (
    "id" UUID NOT NULL,
    "workspace_id" UUID,
    "name" TEXT NOT NULL,
    "role" "api_key_role" NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "end_user" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "display_name" TEXT,
    "email" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "end_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "integration" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "provider" TEXT,
    "definition" JSON,
    "oauth_client_id" TEXT,
    "oauth_redirect_url" TEXT,
    "oauth_scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "integration_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "integration_secret" (
    "integration_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,

    CONSTRAINT "integration_secret_pkey" PRIMARY KEY ("integration_id")
);

-- CreateTable
CREATE TABLE "collection" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "collection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "integration_id" UUID NOT NULL,
    "end_user_id" UUID,
    "collection_id" UUID,
    "display_name" TEXT NOT NULL,
    "external_id" TEXT,
    "status" "connection_status" NOT NULL,
    "status_reason" TEXT,
    "method" "connection_method" NOT NULL,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "input" JSONB NOT NULL DEFAULT '{}',
    "kept" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credential" (
    "connection_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "expires_at" TIMESTAMPTZ(3),
    "refreshable" BOOLEAN NOT NULL DEFAULT false,
    "scopes" TEXT[],
    "last_refreshed_at" TIMESTAMPTZ(3),
    "next_refresh_at" TIMESTAMPTZ(3),
    "failed_refreshes" INTEGER NOT NULL DEFAULT 0,
    "last_error" JSONB,
    "attempt_id" UUID,
    "attempt_at" TIMESTAMPTZ(3),
    "previous_attempt_id" UUID,

    CONSTRAINT "credential_pkey" PRIMARY KEY ("connection_id")
);

-- CreateTable
CREATE TABLE "sync_job" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "status" "sync_job_status" NOT NULL DEFAULT 'QUEUED',
    "trigger" "sync_trigger" NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "credential_overridden" BOOLEAN NOT NULL DEFAULT false,
    "full_refresh" BOOLEAN NOT NULL DEFAULT false,
    "records_read" INTEGER NOT NULL DEFAULT 0,
    "records_written" INTEGER NOT NULL DEFAULT 0,
    "records_deleted" INTEGER NOT NULL DEFAULT 0,
    "pages_read" INTEGER NOT NULL DEFAULT 0,
    "bytes_read" BIGINT NOT NULL DEFAULT 0,
    "error" JSONB,
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "heartbeat_at" TIMESTAMPTZ(3),
    "change_floor" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "sync_job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sync_job_stream" (
    "sync_job_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "workspace_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "status" "sync_job_status" NOT NULL DEFAULT 'QUEUED',
    "records_read" INTEGER NOT NULL DEFAULT 0,
    "records_written" INTEGER NOT NULL DEFAULT 0,
    "records_deleted" INTEGER NOT NULL DEFAULT 0,
    "pages_read" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER,
    "checkpoint" JSON,

    CONSTRAINT "sync_job_stream_pkey" PRIMARY KEY ("sync_job_id","name")
);

-- CreateTable
CREATE TABLE "stream_state" (
    "connection_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "workspace_id" UUID NOT NULL,
    "cursor" JSON,
    "record_count" INTEGER NOT NULL DEFAULT 0,
    "last_synced_at" TIMESTAMPTZ(3),

    CONSTRAINT "stream_state_pkey" PRIMARY KEY ("connection_id","name")
);

-- CreateTable
CREATE TABLE "record" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "stream" TEXT NOT NULL,
    "primary_key" JSON NOT NULL,
    "data" JSON NOT NULL,
    "digest" BYTEA NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "position" BIGSERIAL NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_by" UUID,

    CONSTRAINT "record_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event_log" (
    "workspace_id" UUID NOT NULL,
    "head" BIGINT NOT NULL DEFAULT 0,
    "trimmed" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "event_log_pkey" PRIMARY KEY ("workspace_id")
);

-- CreateTable
CREATE TABLE "event" (
    "workspace_id" UUID NOT NULL,
    "position" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "connection_id" UUID,
    "sync_job_id" UUID,
    "connect_session_id" UUID,
    "payload" JSONB NOT NULL DEFAULT '{}',
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_pkey" PRIMARY KEY ("workspace_id","position")
);

-- CreateTable
CREATE TABLE "key_check" (
    "key_id" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "key_check_pkey" PRIMARY KEY ("key_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "workspace_slug_key" ON "workspace"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_hash_key" ON "api_key"("hash");

-- CreateIndex
CREATE INDEX "api_key_workspace_id_id_idx" ON "api_key"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "end_user_workspace_id_id_idx" ON "end_user"("workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "end_user_workspace_id_external_id_key" ON "end_user"("workspace_id", "external_id");

-- CreateIndex
CREATE INDEX "integration_workspace_id_id_idx" ON "integration"("workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "integration_workspace_id_slug_key" ON "integration"("workspace_id", "slug");

-- CreateIndex
CREATE INDEX "integration_secret_key_id_idx" ON "integration_secret"("key_id");

-- CreateIndex
CREATE UNIQUE INDEX "collection_workspace_id_name_key" ON "collection"("workspace_id", "name");

-- CreateIndex
CREATE INDEX "connection_workspace_id_id_idx" ON "connection"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "connection_integration_id_id_idx" ON "connection"("integration_id", "id");

-- CreateIndex
CREATE INDEX "connection_end_user_id_id_idx" ON "connection"("end_user_id", "id");

-- CreateIndex
CREATE INDEX "connection_collection_id_id_idx" ON "connection"("collection_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "connection_integration_id_external_id_key" ON "connection"("integration_id", "external_id");

-- CreateIndex
CREATE INDEX "credential_key_id_idx" ON "credential"("key_id");

-- CreateIndex
CREATE INDEX "credential_next_refresh_at_idx" ON "credential"("next_refresh_at");

-- CreateIndex
CREATE INDEX "sync_job_workspace_id_id_idx" ON "sync_job"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "sync_job_connection_id_id_idx" ON "sync_job"("connection_id", "id");

-- CreateIndex
CREATE INDEX "record_connection_id_position_idx" ON "record"("connection_id", "position");

-- CreateIndex
CREATE INDEX "event_connection_id_position_idx" ON "event"("connection_id", "position");

-- CreateIndex
CREATE INDEX "event_sync_job_id_position_idx" ON "event"("sync_job_id", "position");

-- CreateIndex
CREATE INDEX "event_occurred_at_idx" ON "event"("occurred_at");

-- AddForeignKey
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "end_user" ADD CONSTRAINT "end_user_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration" ADD CONSTRAINT "integration_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "integration_secret" ADD CONSTRAINT "integration_secret_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "collection" ADD CONSTRAINT "collection_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_end_user_id_fkey" FOREIGN KEY ("end_user_id") REFERENCES "end_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credential" ADD CONSTRAINT "credential_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_job" ADD CONSTRAINT "sync_job_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_job" ADD CONSTRAINT "sync_job_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sync_job_stream" ADD CONSTRAINT "sync_job_stream_sync_job_id_fkey" FOREIGN KEY ("sync_job_id") REFERENCES "sync_job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stream_state" ADD CONSTRAINT "stream_state_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "record" ADD CONSTRAINT "record_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the model cannot say.

-- One job at a time for each connection.
CREATE UNIQUE INDEX "sync_job_one_open_for_each_connection" ON "sync_job"("connection_id") WHERE "status" IN ('QUEUED', 'RUNNING', 'CANCELLING');

-- Finds jobs whose worker is gone.
CREATE INDEX "sync_job_open_heartbeat" ON "sync_job"("heartbeat_at") WHERE "status" IN ('RUNNING', 'CANCELLING');

ALTER TABLE "integration" ADD CONSTRAINT "integration_provider_or_definition" CHECK (("provider" IS NULL) <> ("definition" IS NULL));

ALTER TABLE "api_key" ADD CONSTRAINT "api_key_operator_has_no_workspace" CHECK (("workspace_id" IS NULL) = ("role" = 'OPERATOR'));
