#!/bin/bash
# Runs once by itself, when the database container is new: a role that owns the tables, and one that Counterfoil works
# as and that owns nothing. Run again it sets both passwords anew, and makes the one role of earlier versions the owner.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --set=owner="$COUNTERFOIL_OWNER_PASSWORD" --set=application="$COUNTERFOIL_DATABASE_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
SELECT 'ALTER ROLE counterfoil RENAME TO cf_owner'
 WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil')
   AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cf_owner') \gexec
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['cf_owner', 'cf_app']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE cf_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
ALTER ROLE cf_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'application';
SELECT 'CREATE DATABASE counterfoil OWNER cf_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'counterfoil') \gexec
SQL
