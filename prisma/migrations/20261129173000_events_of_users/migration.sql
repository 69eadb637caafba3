-- The events whose stored webhooks have to be erased with their end user. The others are found by their connection.
CREATE INDEX "event_end_user_id_idx" ON "event" ("workspace_id", "end_user_id")
  WHERE "end_user_id" IS NOT NULL AND ("connection_id" IS NULL OR "type" = 'CONNECTION_DELETED');
