#!/usr/bin/env bash
# tools.sh FOLDER PACKAGE PROGRAM [FILE]: if PROGRAM is not installed, unpack Debian's PACKAGE into FOLDER.
#
# FILE is one that a program of the package reads, and has to be there as well, such as usr/share/prometheus/x.
# Unpacking instead of installing: it needs no root, and it does not start the service that comes with the package.
set -euo pipefail
folder=$1
package=$2
program=$3
file=${4:-usr/bin/$program}
if command -v "$program" >/dev/null || { [ -x "$folder/usr/bin/$program" ] && [ -e "$folder/$file" ]; }; then
    exit 0
fi

echo "unpacking the system package $package, for $program, into $folder"
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
folder=$(cd "$folder" && pwd)
cd "$folder"
# As root apt reads as the user _apt, who need not have access to this folder.
options=(-qq)
[ "$(id -u)" -ne 0 ] || options+=(-o APT::Sandbox::User=root)
# Package lists of our own, for a machine on which nobody has fetched any, or long ago: no root needed.
own_lists=(-o "Dir::State::Lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache")

download() {
    apt-get "${options[@]}" download "$package" 2>/dev/null && return
    apt-get "${options[@]}" "${own_lists[@]}" update &&
        apt-get "${options[@]}" "${own_lists[@]}" download "$package"
}

if command -v apt-get >/dev/null && download && dpkg -x "$package"_*.deb . && [ -x "usr/bin/$program" ]; then
    rm -rf "$package"_*.deb apt etc lib var # the programs alone are wanted, and what they read
    find usr/share -mindepth 1 -maxdepth 1 ! -name prometheus -exec rm -rf {} +
    "usr/bin/$program" --version >/dev/null 2>&1 && exit 0
fi
echo "could not get $program: install it by hand (on Debian and Ubuntu: apt-get install $package) and try again" >&2
exit 1
