-- CreateTable
CREATE TABLE "connection_metadata" (
    "workspace_id" UUID NOT NULL,
    "token" UUID NOT NULL,
    "connection_id" UUID NOT NULL,

    CONSTRAINT "connection_metadata_pkey" PRIMARY KEY ("workspace_id","token","connection_id")
);

-- CreateTable
CREATE TABLE "end_user_metadata" (
    "workspace_id" UUID NOT NULL,
    "token" UUID NOT NULL,
    "end_user_id" UUID NOT NULL,

    CONSTRAINT "end_user_metadata_pkey" PRIMARY KEY ("workspace_id","token","end_user_id")
);

-- CreateIndex
CREATE INDEX "connection_metadata_connection_id_idx" ON "connection_metadata"("connection_id");

-- CreateIndex
CREATE INDEX "end_user_metadata_end_user_id_idx" ON "end_user_metadata"("end_user_id");

-- AddForeignKey
ALTER TABLE "connection_metadata" ADD CONSTRAINT "connection_metadata_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "end_user_metadata" ADD CONSTRAINT "end_user_metadata_end_user_id_fkey" FOREIGN KEY ("end_user_id") REFERENCES "end_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The policies of connections hold within these: an end user's are those of his own.
SELECT latchkey_protect('connection_metadata', own, own, own)
  FROM (VALUES ('EXISTS (SELECT FROM connection c WHERE c.id = connection_id)')) AS v (own);
SELECT latchkey_limit('connection_metadata', 'EXISTS (SELECT FROM connection c WHERE c.id = connection_id)');
SELECT latchkey_protect('end_user_metadata', 'end_user_id = (SELECT latchkey_end_user())', 'false',
                        'EXISTS (SELECT FROM end_user u WHERE u.id = end_user_id)');

-- Stands for a key of metadata with its value. Comparisons of jsonb are not leakproof, so that under row-level security they cannot be
-- conditions of an index; those of uuid can. Equal values have the same token, also 1 and 1.0. Different values may have the same one:
-- within lists and objects, zeros and dots do not count. So a filter compares the values too.
CREATE FUNCTION latchkey_metadata_token(key text, value jsonb) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(substr(sha256(convert_to(key || E'\n' || CASE jsonb_typeof(value)
    WHEN 'number' THEN trim_scale(value::numeric)::text
    WHEN 'string' THEN value::text
    ELSE translate(value::text, '.0', '') END, 'UTF8')), 1, 16), 'hex')::uuid
$$;

-- The tokens of metadata. Metadata with more than 100 keys has a single one, by which every filter finds it.
CREATE FUNCTION latchkey_metadata_tokens(metadata jsonb) RETURNS SETOF uuid LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF jsonb_typeof(metadata) <> 'object' THEN
    RETURN;
  ELSIF (SELECT count(*) FROM jsonb_object_keys(metadata)) > 100 THEN
    RETURN NEXT '00000000-0000-0000-0000-000000000000'::uuid;
  ELSE
    RETURN QUERY SELECT latchkey_metadata_token(e.key, e.value) FROM jsonb_each(metadata) e;
  END IF;
END
$$;

-- Triggers, so that the writes of processes of older versions count too.
CREATE FUNCTION latchkey_connection_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM connection_metadata m
      WHERE m.connection_id = NEW.id AND m.token NOT IN (SELECT latchkey_metadata_tokens(NEW.metadata));
  END IF;
  INSERT INTO connection_metadata (workspace_id, token, connection_id)
    SELECT NEW.workspace_id, t.token, NEW.id FROM latchkey_metadata_tokens(NEW.metadata) AS t (token)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE FUNCTION latchkey_end_user_metadata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM end_user_metadata m
      WHERE m.end_user_id = NEW.id AND m.token NOT IN (SELECT latchkey_metadata_tokens(NEW.metadata));
  END IF;
  INSERT INTO end_user_metadata (workspace_id, token, end_user_id)
    SELECT NEW.workspace_id, t.token, NEW.id FROM latchkey_metadata_tokens(NEW.metadata) AS t (token)
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;

CREATE TRIGGER metadata_inserted AFTER INSERT ON "connection"
  FOR EACH ROW WHEN (NEW.metadata <> '{}') EXECUTE FUNCTION latchkey_connection_metadata();
CREATE TRIGGER metadata_updated AFTER UPDATE OF metadata ON "connection"
  FOR EACH ROW WHEN (NEW.metadata <> OLD.metadata) EXECUTE FUNCTION latchkey_connection_metadata();
CREATE TRIGGER metadata_inserted AFTER INSERT ON "end_user"
  FOR EACH ROW WHEN (NEW.metadata <> '{}') EXECUTE FUNCTION latchkey_end_user_metadata();
CREATE TRIGGER metadata_updated AFTER UPDATE OF metadata ON "end_user"
  FOR EACH ROW WHEN (NEW.metadata <> OLD.metadata) EXECUTE FUNCTION latchkey_end_user_metadata();
