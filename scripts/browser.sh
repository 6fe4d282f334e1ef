#!/usr/bin/env bash
# browser.sh: make sure that there is a Chromium for the tests of the status page.
set -euo pipefail
command -v chromium >/dev/null && exit 0
# shellcheck source=scripts/packages.sh
source "$(dirname "$0")/packages.sh"
install_package chromium
