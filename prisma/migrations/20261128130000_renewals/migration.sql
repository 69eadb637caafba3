-- AlterTable
ALTER TABLE "credential" ADD COLUMN     "claimed_until" TIMESTAMPTZ(3),
ADD COLUMN     "doubt" TEXT,
ADD COLUMN     "failed_at" TIMESTAMPTZ(3),
ADD COLUMN     "failing_since" TIMESTAMPTZ(3),
ADD COLUMN     "refresh_expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "refresh_token_hash" BYTEA,
ADD COLUMN     "retry_at" TIMESTAMPTZ(3),
ADD COLUMN     "supplied_token_hash" BYTEA;

-- CreateIndex
CREATE INDEX "credential_workspace_id_refresh_token_hash_idx" ON "credential"("workspace_id", "refresh_token_hash");

-- CreateIndex
CREATE INDEX "credential_workspace_id_supplied_token_hash_idx" ON "credential"("workspace_id", "supplied_token_hash");
