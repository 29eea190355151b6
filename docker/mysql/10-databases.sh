# Run once by the MySQL image, on an empty data directory. Three accounts: one
# that changes the desk's tables, one that works with them, and Temporal's.
docker_process_sql <<SQL
CREATE DATABASE rightsdesk CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER 'desk_schema'@'%' IDENTIFIED BY '${DESK_SCHEMA_PASSWORD}';
GRANT ALL ON rightsdesk.* TO 'desk_schema'@'%';
CREATE USER 'desk'@'%' IDENTIFIED BY '${DESK_PASSWORD}';
GRANT SELECT, INSERT, UPDATE, DELETE ON rightsdesk.* TO 'desk'@'%';

CREATE DATABASE temporal CHARACTER SET utf8mb4;
CREATE DATABASE temporal_visibility CHARACTER SET utf8mb4;
CREATE USER 'temporal'@'%' IDENTIFIED BY '${TEMPORAL_PASSWORD}';
GRANT ALL ON temporal.* TO 'temporal'@'%';
GRANT ALL ON temporal_visibility.* TO 'temporal'@'%';
SQL
