# shellcheck shell=bash
# Neither the database nor the server ever runs as root. Started by root, they run as the account `lyceum`.

ACCOUNT=

account_choose() {
    is_root || return 0
    ACCOUNT=lyceum
    if ! getent passwd "$ACCOUNT" >/dev/null; then
        quietly useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$ACCOUNT" ||
            stop "the account '$ACCOUNT' could not be created." \
                "Create it with 'useradd --system $ACCOUNT', or start this from an account that is not root."
        note "created the system account '$ACCOUNT', because a database must not run as root"
    fi
}

account_name() { if [ -n "$ACCOUNT" ]; then printf '%s' "$ACCOUNT"; else id -un; fi; }

# Runs a command as the account. setpriv replaces itself with the command, so the process id is the command's.
as_account() {
    if [ -n "$ACCOUNT" ]; then
        setpriv "--reuid=$ACCOUNT" "--regid=$(id -g "$ACCOUNT")" --init-groups env "HOME=$LYCEUM_HOME" "$@"
    else
        "$@"
    fi
}

own() { if [ -n "$ACCOUNT" ]; then chown "$ACCOUNT:$(id -g "$ACCOUNT")" "$@"; fi; }

# A random word for a password, safe in an address and in SQL.
secret_new() { head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='; }

# The content of a secret file, made on first use.
secret_ensure() {
    local file=$1
    if [ ! -s "$file" ]; then
        (umask 077 && secret_new >"$file.new")
        own "$file.new"
        mv "$file.new" "$file"
    fi
    cat "$file"
}
