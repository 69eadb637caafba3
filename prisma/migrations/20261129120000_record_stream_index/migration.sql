-- CreateIndex
CREATE INDEX "record_connection_id_stream_position_idx" ON "record"("connection_id", "stream", "position");
