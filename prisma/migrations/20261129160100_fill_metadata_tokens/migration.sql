-- The tokens of the metadata that was there before. Each batch is a transaction of its own, so that processes of older versions can
-- write meanwhile: this script must stay a single statement, because COMMIT is possible only then. It may run again after it has failed.
-- A locked row cannot change before its tokens are there. From then on, the triggers keep them right.
DO $$
DECLARE
  batch uuid[];
  last uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
  LOOP
    batch := ARRAY(SELECT c.id FROM connection c WHERE c.id > last AND c.metadata <> '{}' ORDER BY c.id LIMIT 1000 FOR NO KEY UPDATE);
    EXIT WHEN cardinality(batch) = 0;
    INSERT INTO connection_metadata (workspace_id, token, connection_id)
      SELECT c.workspace_id, t.token, c.id FROM connection c, latchkey_metadata_tokens(c.metadata) AS t (token)
      WHERE c.id = ANY (batch)
      ON CONFLICT DO NOTHING;
    last := batch[cardinality(batch)];
    COMMIT;
  END LOOP;
  last := '00000000-0000-0000-0000-000000000000';
  LOOP
    batch := ARRAY(SELECT u.id FROM end_user u WHERE u.id > last AND u.metadata <> '{}' ORDER BY u.id LIMIT 1000 FOR NO KEY UPDATE);
    EXIT WHEN cardinality(batch) = 0;
    INSERT INTO end_user_metadata (workspace_id, token, end_user_id)
      SELECT u.workspace_id, t.token, u.id FROM end_user u, latchkey_metadata_tokens(u.metadata) AS t (token)
      WHERE u.id = ANY (batch)
      ON CONFLICT DO NOTHING;
    last := batch[cardinality(batch)];
    COMMIT;
  END LOOP;
END
$$;
