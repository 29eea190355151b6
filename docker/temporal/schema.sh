#!/bin/sh
# Brings Temporal's two databases to the release of this image. Repeating it
# changes nothing. SQL_HOST, SQL_USER, SQL_PASSWORD come from compose.yaml.
set -eu
schema=/etc/temporal/schema/mysql/v8
for part in temporal visibility; do
	case $part in
	temporal) SQL_DATABASE=temporal ;;
	visibility) SQL_DATABASE=temporal_visibility ;;
	esac
	export SQL_DATABASE
	temporal-sql-tool setup-schema --version 0.0
	temporal-sql-tool update-schema --schema-dir "$schema/$part/versioned"
done
