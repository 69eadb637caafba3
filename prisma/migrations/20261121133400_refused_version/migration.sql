-- AlterTable
ALTER TABLE "credential" ADD COLUMN     "refused_version" INTEGER;
