-- CreateTable
CREATE TABLE "parent_cursor" (
    "connection_id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "stream" TEXT NOT NULL,
    "record_id" UUID NOT NULL,
    "cursor" JSON NOT NULL,

    CONSTRAINT "parent_cursor_pkey" PRIMARY KEY ("connection_id","stream","record_id")
);

-- AddForeignKey
ALTER TABLE "parent_cursor" ADD CONSTRAINT "parent_cursor_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

SELECT latchkey_protect('parent_cursor', 'false', 'false');
