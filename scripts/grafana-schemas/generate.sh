#!/usr/bin/env bash
# Write the JSON Schemas of dashboards, with the versions of package-lock.json; needs node (18 or later) and npm.
# Usage: bash scripts/grafana-schemas/generate.sh WORKSPACE FOLDER
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
workspace=$1
mkdir -p "$workspace" "$2"
folder=$(cd "$2" && pwd)
cp "$here"/{package.json,package-lock.json,tsconfig.json,panels.ts,generate.mjs} "$workspace"
cd "$workspace"
npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error
node generate.mjs "$folder"
