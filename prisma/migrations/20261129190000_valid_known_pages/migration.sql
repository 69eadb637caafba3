-- AlterTable
ALTER TABLE "stream_state" ADD COLUMN     "known_pages_valid" BOOLEAN NOT NULL DEFAULT false;

-- Every statement that gives records of a stream new positions also sets its number of records. A trigger, so that the writes of
-- processes of older versions count too.
CREATE FUNCTION latchkey_records_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.known_pages_valid := false;
  RETURN NEW;
END
$$;

CREATE TRIGGER records_changed BEFORE UPDATE OF "record_count" ON "stream_state"
  FOR EACH ROW EXECUTE FUNCTION latchkey_records_changed();
