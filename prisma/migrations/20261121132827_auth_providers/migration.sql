-- CreateEnum
CREATE TYPE "auth_provider_kind" AS ENUM ('COMPOSIO', 'PIPEDREAM', 'TOKEN_CALLBACK');

-- CreateTable
CREATE TABLE "auth_provider" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "auth_provider_kind" NOT NULL,
    "config" JSONB NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_provider_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "auth_provider_workspace_id_id_idx" ON "auth_provider"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "auth_provider_key_id_idx" ON "auth_provider"("key_id");

-- CreateIndex
CREATE UNIQUE INDEX "auth_provider_workspace_id_name_key" ON "auth_provider"("workspace_id", "name");

-- AddForeignKey
ALTER TABLE "auth_provider" ADD CONSTRAINT "auth_provider_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Nobody who acts for an end user has to do with them.
SELECT latchkey_protect('auth_provider', 'false', 'false');
