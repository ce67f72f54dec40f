#!/bin/sh
# Creates Temporal's tables, or brings them up to date. Can be run again. SQL_* names the server and the user.
set -eu

for database in temporal visibility; do
  case "$database" in
    temporal) name=temporal ;;
    visibility) name=temporal_visibility ;;
  esac
  temporal-sql-tool --database "$name" setup-schema --version 0.0
  temporal-sql-tool --database "$name" update-schema --schema-name "postgresql/v12/$database"
done
