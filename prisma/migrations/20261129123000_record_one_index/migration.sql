-- A write of a record maintains one index besides the primary key: (connection_id, stream, position). Processes of older versions
-- read a connection by its prefix.
DROP INDEX "record_connection_id_position_idx";
