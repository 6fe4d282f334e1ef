#!/usr/bin/env bash
# environment.sh FOLDER CONSTRAINTS: a virtual environment with exactly these versions and this project, editable.
# PYTHON names the interpreter (default: python3).
set -euo pipefail
folder=$1
constraints=$2
python=${PYTHON:-python3}
here=$(dirname "$0")
# shellcheck source=scripts/packages.sh
. "$here/packages.sh"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is older than Python 3.11: name another one, as in 'make install PYTHON=python3.12'" >&2
    exit 1
fi
# Debian and Ubuntu keep ensurepip, which venv needs, in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    install_package "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
fi

# A part of the exporter is compiled where that is possible. Without it everything works, if more slowly: only where
# nobody has to be asked for a password are the packages that it needs installed.
can_compile() {
    echo '#include <Python.h>' | "${CC:-cc}" -fsyntax-only "-I$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')" -x c - 2>/dev/null
}
if ! can_compile && { [ "$(id -u)" -eq 0 ] || [ -n "${CI:-}" ]; }; then
    for package in gcc libc6-dev "$("$python" -c 'import sys; print("libpython%d.%d-dev" % sys.version_info[:2])')"; do
        install_package "$package" || true
    done
fi
can_compile || echo "without a C compiler and the headers of Python (gcc and python3-dev) JSON lines are read more slowly"

[ -x "$folder/bin/pip" ] || "$python" -m venv --clear "$folder"
echo "installing the packages of $constraints into $folder"
# What setuptools thinks of our settings is for us, not for who installs.
PYTHONWARNINGS=ignore "$folder/bin/pip" install --quiet --disable-pip-version-check --constraint "$constraints" --editable "$here/..[dev]"
