-- DropForeignKey
ALTER TABLE "record" DROP CONSTRAINT "record_connection_id_fkey";
