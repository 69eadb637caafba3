-- The event of an endpoint that was disabled has the name that the API documents.
UPDATE "event" SET "type" = 'WEBHOOK_ENDPOINT_DISABLED' WHERE "type" = 'WEBHOOK_DISABLED';
UPDATE "webhook_endpoint" SET "types" = array_replace("types", 'WEBHOOK_DISABLED', 'WEBHOOK_ENDPOINT_DISABLED')
WHERE 'WEBHOOK_DISABLED' = ANY ("types");
