-- CreateTable
CREATE TABLE "audit_event" (
    "id" UUID NOT NULL,
    "workspace_id" UUID,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_type" TEXT,
    "actor_id" UUID,
    "action" TEXT NOT NULL,
    "method" TEXT,
    "target_type" TEXT,
    "target_id" UUID,
    "outcome" TEXT NOT NULL,
    "trace_id" TEXT NOT NULL,
    "address" TEXT,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_event_workspace_id_id_idx" ON "audit_event"("workspace_id", "id");

-- CreateIndex
CREATE INDEX "audit_event_workspace_id_actor_id_idx" ON "audit_event"("workspace_id", "actor", "id");

-- CreateIndex
CREATE INDEX "audit_event_workspace_id_action_id_idx" ON "audit_event"("workspace_id", "action", "id");

-- CreateIndex
CREATE INDEX "audit_event_workspace_id_target_id_id_idx" ON "audit_event"("workspace_id", "target_id", "id");

-- CreateIndex
CREATE INDEX "audit_event_workspace_id_occurred_at_idx" ON "audit_event"("workspace_id", "occurred_at");

-- CreateIndex
CREATE INDEX "audit_event_occurred_at_idx" ON "audit_event"("occurred_at");

-- An end user writes lines and reads none. A key that is limited to integrations reads none either.
SELECT latchkey_protect('audit_event', 'false', 'true');
SELECT latchkey_limit('audit_event', 'false', 'SELECT');
REVOKE UPDATE, DELETE ON "audit_event" FROM latchkey_tenant;

-- The owner of the table changes no line either. Only retention deletes, which says so in a setting of its transaction.
CREATE FUNCTION latchkey_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('latchkey.audit_retention', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'audit_event is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_event"
  FOR EACH STATEMENT EXECUTE FUNCTION latchkey_audit_append_only();
