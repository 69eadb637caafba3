ALTER TABLE "credential" ADD COLUMN "rejected_at" TIMESTAMPTZ(3),
ADD COLUMN "rejected_version" INTEGER;
