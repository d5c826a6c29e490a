# shellcheck shell=bash
# What the machine must have. As root it is installed; otherwise the script says exactly what to install.

APT_LISTS_FRESH=

apt_install() {
    if [ -z "$APT_LISTS_FRESH" ]; then
        quietly apt-get update || stop "apt-get update failed." "Check the machine's apt sources, then run this again."
        APT_LISTS_FRESH=yes
    fi
    DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends "$@" ||
        stop "apt-get could not install: $*" "Install these packages by hand, then run this again."
}

missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
    done
}

packages_ensure() {
    local -a missing
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if ! is_root; then
        stop "this machine lacks: ${missing[*]}" "Install them with: sudo apt-get install ${missing[*]}" \
            "or run 'sudo ./run --setup' once."
    fi
    say "installing ${missing[*]}"
    case " ${missing[*]} " in
    *' postgresql '*) without_system_cluster apt_install "${missing[@]}" ;;
    *) apt_install "${missing[@]}" ;;
    esac
}

# Debian starts a cluster of its own on port 5432 when PostgreSQL is installed. Lyceum has a private one, so
# a machine that had no PostgreSQL does not get a second, idle server.
without_system_cluster() {
    local dropin=/etc/postgresql-common/createcluster.d/lyceum.conf code=0
    apt_install postgresql-common
    mkdir -p "${dropin%/*}"
    echo 'create_main_cluster = false' >"$dropin"
    "$@" || code=$?
    rm -f "$dropin"
    return "$code"
}

# What the server and its database need, asked for by the program and not by the package: other ways of
# installing them are as good.
server_packages_ensure() {
    local -a wanted=()
    postgres_present || wanted+=(postgresql)
    have psql || wanted+=(postgresql-client)
    have pdftotext || wanted+=(poppler-utils)
    [ "${#wanted[@]}" -eq 0 ] || packages_ensure "${wanted[@]}"
}

# Rich text is read through pandoc and scans through tesseract. Without them those formats say what to install, and
# their tests are left out; nothing else needs them.
reader_tools_ensure() {
    local -a wanted=()
    have pandoc || wanted+=(pandoc)
    have tesseract || wanted+=(tesseract-ocr)
    [ "${#wanted[@]}" -eq 0 ] || ! is_root || packages_ensure "${wanted[@]}"
}

browser_ensure() { have chromium || have chromium-browser || packages_ensure chromium; }

build_tools_ensure() { packages_ensure build-essential dpkg-dev "postgresql-server-dev-$PG_MAJOR"; }

dotnet_ensure() {
    local version
    version=$(dotnet --version 2>/dev/null || true)
    case $version in
    1[0-9].*) ;;
    *) stop "the .NET 10 SDK is needed and 'dotnet --version' says '${version:-not found}'." \
        "Install the .NET 10 SDK (package dotnet-sdk-10.0 of Microsoft's feed) and put dotnet on the PATH." ;;
    esac
}

node_ensure() {
    local version
    version=$(node --version 2>/dev/null || true)
    version=${version#v}
    if ! [ "${version%%.*}" -ge 20 ] 2>/dev/null || ! have npm; then
        stop "Node 20 or newer with npm is needed to build the screens and 'node --version' says '${version:-not found}'." \
            "Install Node 20 or newer (packages nodejs and npm) and run this again."
    fi
}
