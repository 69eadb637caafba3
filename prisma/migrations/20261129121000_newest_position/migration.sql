-- AlterTable
ALTER TABLE "stream_state" ADD COLUMN     "newest_position" BIGINT NOT NULL DEFAULT 0;

UPDATE "stream_state" SET "newest_position" = coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0);

-- Every statement that gives records of a stream new positions also writes the row of the stream. Once it has ended, the last
-- position that was given out is at or above theirs. A trigger, so that the writes of processes of older versions count too,
-- and after the statement, because the parts of a statement run in no certain order.
CREATE FUNCTION latchkey_newest_position() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  newest bigint := coalesce(pg_sequence_last_value('record_position_seq'::regclass), 0);
BEGIN
  UPDATE stream_state SET newest_position = newest
    WHERE connection_id = NEW.connection_id AND name = NEW.name AND newest_position < newest;
  RETURN NULL;
END
$$;

-- Its own update is of depth 1.
CREATE TRIGGER newest_position AFTER INSERT OR UPDATE ON "stream_state"
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION latchkey_newest_position();
