-- CreateIndex
CREATE INDEX "connection_workspace_id_external_id_idx" ON "connection"("workspace_id", "external_id");
