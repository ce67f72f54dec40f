#!/bin/sh
# Run by the Postgres image once, on an empty volume: a database and an owner for PaySaga, two databases for Temporal.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  --set paysaga_password="$PAYSAGA_DB_PASSWORD" --set temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role paysaga login password :'paysaga_password';
create role temporal login password :'temporal_password';
create database paysaga owner paysaga;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
revoke connect on database paysaga, temporal, temporal_visibility from public;
SQL
