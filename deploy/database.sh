#!/bin/bash
# Runs once, when the database container is new: a role of its own for Counterfoil, which is no superuser.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --set=password="$COUNTERFOIL_DATABASE_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE counterfoil LOGIN NOSUPERUSER PASSWORD :'password';
CREATE DATABASE counterfoil OWNER counterfoil;
SQL
