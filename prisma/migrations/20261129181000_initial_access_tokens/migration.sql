-- CreateTable
CREATE TABLE "initial_access_tokens" (
    "integration_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,
    "key_id" TEXT NOT NULL,

    CONSTRAINT "initial_access_tokens_pkey" PRIMARY KEY ("integration_id")
);

-- CreateIndex
CREATE INDEX "initial_access_tokens_key_id_idx" ON "initial_access_tokens"("key_id");

-- AddForeignKey
ALTER TABLE "initial_access_tokens" ADD CONSTRAINT "initial_access_tokens_integration_id_fkey" FOREIGN KEY ("integration_id") REFERENCES "integration"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Row-level security. The tokens are not for end users.
SELECT latchkey_protect('initial_access_tokens', 'false', 'false', 'EXISTS (SELECT FROM integration i WHERE i.id = integration_id)');
SELECT latchkey_limit('initial_access_tokens', 'integration_id = ANY ((SELECT latchkey_integrations())::uuid[])');
