# shellcheck shell=bash
# The settings a person may give, checked before anything is started. A bad one stops with its name and what
# to write.

settings_read() {
    LYCEUM_PORT=${LYCEUM_PORT:-8080}
    if ! [[ $LYCEUM_PORT =~ ^[0-9]{1,5}$ ]] || [ "$((10#$LYCEUM_PORT))" -lt 1 ] || [ "$((10#$LYCEUM_PORT))" -gt 65535 ]; then
        stop "LYCEUM_PORT is '$LYCEUM_PORT'. Write a number from 1 to 65535, for example LYCEUM_PORT=8080."
    fi
    LYCEUM_PORT=$((10#$LYCEUM_PORT))
    if [ "$LYCEUM_PORT" -lt 1024 ] && ! is_root; then
        note "ports below 1024 usually need root; a port such as 8080 does not."
    fi

    home_read

    if [ -n "${LYCEUM_DATABASE_URL:-}" ] && ! [[ $LYCEUM_DATABASE_URL =~ ^postgres(ql)?://[^:@/]+(:[^@/]*)?@[^/:]+(:[0-9]+)?/[^/?]+(\?.*)?$ ]]; then
        stop "LYCEUM_DATABASE_URL is not a PostgreSQL address." \
            "Write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE; percent-encode special characters in the password." \
            "Leave it empty to let ./run keep a private PostgreSQL under LYCEUM_HOME."
    fi

    LYCEUM_BIND=${LYCEUM_BIND:-127.0.0.1}
    if ! [[ $LYCEUM_BIND =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ || $LYCEUM_BIND =~ ^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$ ]]; then
        stop "LYCEUM_BIND is '$LYCEUM_BIND'. Write an address of this machine, for example LYCEUM_BIND=127.0.0.1, or 0.0.0.0 for all of them."
    fi
    if [ -n "${LYCEUM_SAMPLES_DIR:-}" ] && [ ! -d "$LYCEUM_SAMPLES_DIR" ]; then
        stop "LYCEUM_SAMPLES_DIR is '$LYCEUM_SAMPLES_DIR', which is not a directory." \
            "Write the directory that holds the sample documents, or write LYCEUM_SAMPLES_DIR= (empty) for none."
    fi

    built_read

    LYCEUM_ADMIN_EMAIL_GIVEN=${LYCEUM_ADMIN_EMAIL:-}
    if [ -n "$LYCEUM_ADMIN_EMAIL_GIVEN" ] && ! [[ $LYCEUM_ADMIN_EMAIL_GIVEN =~ ^[^@[:space:]]+@[^@[:space:]]+$ ]]; then
        stop "LYCEUM_ADMIN_EMAIL is '$LYCEUM_ADMIN_EMAIL_GIVEN'. Write one e-mail address, for example ada@example.org."
    fi
    LYCEUM_ADMIN_PASSWORD_GIVEN=${LYCEUM_ADMIN_PASSWORD:-}
    if [ -n "$LYCEUM_ADMIN_PASSWORD_GIVEN" ] && [ "${#LYCEUM_ADMIN_PASSWORD_GIVEN}" -lt 8 ]; then
        stop "LYCEUM_ADMIN_PASSWORD has fewer than 8 characters. Write a longer one, or leave it empty to have one made."
    fi
    return 0
}

# A server and screens that are built already: looked at here, because building the other one first takes minutes.
built_read() {
    if [ -n "${LYCEUM_APP_DIR:-}" ] && [ ! -f "$LYCEUM_APP_DIR/Lyceum.Host.dll" ]; then
        stop "LYCEUM_APP_DIR is '$LYCEUM_APP_DIR', where there is no Lyceum.Host.dll. Leave it empty to have the server built."
    fi
    if [ -n "${LYCEUM_UI_DIR:-}" ] && [ ! -f "$LYCEUM_UI_DIR/index.html" ]; then
        stop "LYCEUM_UI_DIR is '$LYCEUM_UI_DIR', where there is no index.html. Leave it empty to have the screens built."
    fi
}

home_read() {
    LYCEUM_HOME=${LYCEUM_HOME:-$ROOT/.lyceum}
    case $LYCEUM_HOME in
    /*) ;;
    *) LYCEUM_HOME=$PWD/$LYCEUM_HOME ;;
    esac
    if [ -e "$LYCEUM_HOME" ] && [ ! -d "$LYCEUM_HOME" ]; then
        stop "LYCEUM_HOME is '$LYCEUM_HOME', which is a file. Write a directory; it is created when it is missing."
    fi
}

# Creates the home. As root it may have to live elsewhere: the account that runs the database must be able to
# reach it, and a directory such as /root is closed to every account but root.
home_ensure() {
    account_choose
    if [ ! -d "$LYCEUM_HOME" ]; then
        mkdir -p "$LYCEUM_HOME" 2>/dev/null ||
            stop "LYCEUM_HOME '$LYCEUM_HOME' cannot be created. Write a directory that you may write to."
        own "$LYCEUM_HOME"
        chmod 750 "$LYCEUM_HOME"
        if [ -n "$ACCOUNT" ] && ! as_account test -w "$LYCEUM_HOME" 2>/dev/null; then
            local elsewhere
            elsewhere=/var/lib/lyceum-$(printf '%s' "$LYCEUM_HOME" | sha256sum | cut -c1-12)
            rmdir "$LYCEUM_HOME"
            mkdir -p "$elsewhere"
            own "$elsewhere"
            chmod 750 "$elsewhere"
            ln -s "$elsewhere" "$LYCEUM_HOME"
            note "the account '$ACCOUNT' cannot enter ${LYCEUM_HOME%/*}: the data is in $elsewhere, linked from $LYCEUM_HOME"
        fi
    fi
    LYCEUM_HOME=$(readlink -f "$LYCEUM_HOME")
    local owner
    owner=$(stat -c %U "$LYCEUM_HOME")
    if [ "$owner" != "$(account_name)" ]; then
        is_root || stop "LYCEUM_HOME '$LYCEUM_HOME' belongs to '$owner', and you are '$(id -un)'." \
            "Run this as that account (or as root), or write another LYCEUM_HOME."
        if [ "$owner" != root ]; then
            # Root serves a home as the account that owns it.
            ACCOUNT=$owner
        elif [ -z "$(ls -A "$LYCEUM_HOME/")" ]; then
            own "$LYCEUM_HOME"
        else
            stop "LYCEUM_HOME '$LYCEUM_HOME' belongs to root and is not empty, and Lyceum never runs as root." \
                "Write a new or an empty directory."
        fi
    fi
    as_account test -w "$LYCEUM_HOME" ||
        stop "LYCEUM_HOME '$LYCEUM_HOME' cannot be written by '$(account_name)'. Write another directory."
    as_account mkdir -p "$LYCEUM_HOME"/{secrets,logs,state}
    as_account chmod 700 "$LYCEUM_HOME/secrets"
}
