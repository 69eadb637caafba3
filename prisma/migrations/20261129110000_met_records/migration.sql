-- CreateTable
CREATE TABLE "met_records" (
    "connection_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "stream" TEXT NOT NULL,
    "reading_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "first_position" BIGINT NOT NULL,
    "last_position" BIGINT NOT NULL,
    "positions" BYTEA NOT NULL,

    CONSTRAINT "met_records_pkey" PRIMARY KEY ("connection_id","stream","reading_id","number")
);

-- AddForeignKey
ALTER TABLE "met_records" ADD CONSTRAINT "met_records_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT latchkey_protect('met_records', 'false', 'false');
SELECT latchkey_limit('met_records', 'EXISTS (SELECT FROM connection c WHERE c.id = connection_id)');

-- The positions are compressed already.
ALTER TABLE "met_records" ALTER COLUMN "positions" SET STORAGE EXTERNAL;

-- Compares the records of a page with what is stored. The two lists are separated by line breaks, in the same order.
--   unchanged  positions of the stored records that are present and have the same digest, separated by commas
--   changed    places of the others in the lists, from 1 on, separated by commas
--   added      how many of those are not stored, or are deleted
-- A function has settings of its own: its plan, which a session keeps, uses the index also if it is made while the table is small.
CREATE FUNCTION latchkey_compare_records(ids text, digests text, OUT unchanged text, OUT changed text, OUT added int)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  SELECT string_agg(old."position"::text, ',') FILTER (WHERE same.is), string_agg(i.place::text, ',') FILTER (WHERE NOT same.is),
         (count(*) FILTER (WHERE coalesce(old.deleted, true)))::int
  INTO unchanged, changed, added
  FROM unnest(string_to_array(ids, E'\n')::uuid[], string_to_array(digests, E'\n')) WITH ORDINALITY AS i (id, digest, place)
  LEFT JOIN LATERAL (
    SELECT r.digest, r.deleted, r."position" FROM "record" r WHERE r.id = i.id LIMIT 1
  ) old ON true
  CROSS JOIN LATERAL (SELECT old.digest IS NOT DISTINCT FROM decode(i.digest, 'hex') AND NOT old.deleted AS is) same;
END
$$;
REVOKE EXECUTE ON FUNCTION latchkey_compare_records FROM PUBLIC;

-- Rows that are updated with each page. An update that changes no indexed column can stay within its page (HOT).
ALTER TABLE "sync_job_stream" SET (fillfactor = 80);
ALTER TABLE "stream_state" SET (fillfactor = 80);
