# Functions for the other scripts: Debian and Ubuntu packages. To be sourced.

# as_root COMMAND...: run it as root, directly or through sudo; 1 if neither is possible.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && [ -t 0 ]; then
        sudo "$@"
    elif command -v sudo >/dev/null; then
        sudo -n "$@" # nobody is there to type a password
    else
        return 1
    fi
}

# install_package NAME: install it with its dependencies, or say who has to.
install_package() {
    echo "installing the system package $1"
    if command -v apt-get >/dev/null &&
        { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 ||
            { as_root apt-get update -qq &&
                as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null; }; }; then
        return 0
    fi
    echo "could not install $1: install it by hand (on Debian and Ubuntu: apt-get install $1) and try again" >&2
    return 1
}
