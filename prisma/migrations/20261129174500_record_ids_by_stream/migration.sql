-- AlterTable
ALTER TABLE "connection" ADD COLUMN "record_ids" SMALLINT NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "sync_job" ADD COLUMN "claimed_attempt" INTEGER;

-- A process of an earlier version makes all record ids in the first way. With those of a connection that has the second, it would
-- store each record twice. It cannot claim the jobs of such a connection, as if another worker had claimed them.
CREATE FUNCTION latchkey_refuse_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM "connection" c WHERE c.id = NEW.connection_id AND c.record_ids <> 1) THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER sync_job_claim BEFORE UPDATE OF "attempt" ON "sync_job" FOR EACH ROW
WHEN (NEW.attempt <> OLD.attempt AND NEW.claimed_attempt IS DISTINCT FROM NEW.attempt)
EXECUTE FUNCTION latchkey_refuse_claim();
