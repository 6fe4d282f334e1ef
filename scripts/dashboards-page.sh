#!/usr/bin/env bash
# dashboards-page.sh WORKSPACE: get Grafana's libraries (about 650 MB) into WORKSPACE, and build the page of dashboards/harness there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
harness=$root/dashboards/harness
workspace=$1

if ! command -v npm >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))'; then
    echo "node 20 or later with npm is needed to look at the dashboards: install it and try again" >&2
    exit 1
fi
mkdir -p "$workspace"
# The file is written by npm at the end of an installation that went well.
installed=$workspace/node_modules/.package-lock.json
if [ ! -e "$installed" ] || ! cmp -s "$harness/package-lock.json" "$workspace/package-lock.json"; then
    echo "installing Grafana's libraries into $workspace"
    cp "$harness"/package{,-lock}.json "$workspace"
    (cd "$workspace" && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error)
fi
node "$harness/build.mjs" "$workspace"
