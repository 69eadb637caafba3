-- CreateTable
CREATE TABLE "known_page" (
    "connection_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "stream" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "list_start" INTEGER NOT NULL,
    "list_bytes" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,
    "first_position" BIGINT NOT NULL,
    "positions" BYTEA NOT NULL,

    CONSTRAINT "known_page_pkey" PRIMARY KEY ("connection_id","stream","number")
);

-- AddForeignKey
ALTER TABLE "known_page" ADD CONSTRAINT "known_page_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT latchkey_protect('known_page', 'false', 'false');
SELECT latchkey_limit('known_page', 'EXISTS (SELECT FROM connection c WHERE c.id = connection_id)');

-- The positions are compressed already.
ALTER TABLE "known_page" ALTER COLUMN "positions" SET STORAGE EXTERNAL;

-- Counts the records of a stream whose positions are within ranges. The two lists are separated by commas, in the same order.
-- A function has settings of its own: its plan, which a session keeps, uses the index also if it is made while the table is small.
CREATE FUNCTION latchkey_count_records(of_connection uuid, of_stream text, firsts text, lasts text) RETURNS int
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  RETURN (
    SELECT coalesce(sum(found.records), 0)::int
    FROM unnest(string_to_array(firsts, ',')::bigint[], string_to_array(lasts, ',')::bigint[]) AS i (first, last)
    CROSS JOIN LATERAL (
      SELECT count(*) AS records FROM "record" r
      WHERE r.connection_id = of_connection AND r.stream = of_stream AND r."position" BETWEEN i.first AND i.last
    ) found
  );
END
$$;
REVOKE EXECUTE ON FUNCTION latchkey_count_records FROM PUBLIC;
