#!/bin/sh
# Before anything is made: says what is missing or wrong, all of it at once, instead of leaving it to a deployment that fails half-way.
set -eu
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo "python3 is missing; it checks the parameters before a deployment." >&2; exit 1; }
command -v dotnet >/dev/null || { echo "The .NET SDK is missing; global.json says which one." >&2; exit 1; }
exec python3 infra/hooks/check_parameters.py
