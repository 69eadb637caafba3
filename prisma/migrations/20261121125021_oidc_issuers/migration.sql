-- CreateTable
CREATE TABLE "oidc_issuer" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "audience" TEXT NOT NULL,
    "jwks_url" TEXT,
    "end_user_claim" TEXT NOT NULL DEFAULT 'sub',
    "allowed_algorithms" TEXT[],
    "create_end_users" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "oidc_issuer_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "oidc_issuer_workspace_id_id_idx" ON "oidc_issuer"("workspace_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "oidc_issuer_issuer_audience_key" ON "oidc_issuer"("issuer", "audience");

-- AddForeignKey
ALTER TABLE "oidc_issuer" ADD CONSTRAINT "oidc_issuer_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;
