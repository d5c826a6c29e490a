# shellcheck shell=bash
# The server process: its environment, its start, its end.

SERVER_PID=

# The environment of the server and of `migrate`. Exported, not given as arguments: arguments are for all to read.
server_environment() {
    LYCEUM_DATABASE_URL=$DATABASE_URL
    LYCEUM_UI_DIR=$UI_DIR
    LYCEUM_SAMPLES_DIR=${LYCEUM_SAMPLES_DIR-$ROOT/samples}
    if [ -n "$LYCEUM_SAMPLES_DIR" ]; then LYCEUM_SAMPLES_DIR=$(readable_copy "$LYCEUM_SAMPLES_DIR" samples) || exit; fi
    LYCEUM_PROFILE_FILE=$LYCEUM_HOME/profile.json
    LYCEUM_ADMIN_MADE_FILE=$LYCEUM_HOME/state/admin-made
    rm -f "$LYCEUM_ADMIN_MADE_FILE"
    export LYCEUM_HOME LYCEUM_PORT LYCEUM_DATABASE_URL LYCEUM_ADMIN_EMAIL LYCEUM_ADMIN_PASSWORD
    export LYCEUM_UI_DIR LYCEUM_SAMPLES_DIR LYCEUM_PROFILE_FILE LYCEUM_ADMIN_MADE_FILE DOTNET_NOLOGO=1
}

# dotnet must be executable by the account; one under /root is not.
dotnet_reachable() {
    DOTNET=$(readlink -f "$(command -v dotnet)")
    as_account test -x "$DOTNET" 2>/dev/null ||
        stop "dotnet is at $DOTNET, where the account '$(account_name)' cannot run it, and the server must not run as root." \
            "Install .NET for the whole machine (for example under /usr/share/dotnet), or start ./run from your own account."
}

# server_run ARGS: one-shot commands such as `migrate up`.
server_run() { as_account "$DOTNET" "$APP/Lyceum.Host.dll" "$@" </dev/null; }

# Starts the server in a session of its own, so that Ctrl-C reaches only this script, which then stops things in order.
server_start() {
    local log=$LYCEUM_HOME/logs/server.log
    log_trim "$log"
    as_account touch "$log"
    # 9 is the lock of ./run: a child that kept it would keep the home locked after a crash. Each word of the
    # command replaces itself with the next, so the process id is the server's.
    local -a as=()
    if [ -n "$ACCOUNT" ]; then
        as=(setpriv "--reuid=$ACCOUNT" "--regid=$(id -g "$ACCOUNT")" --init-groups env "HOME=$LYCEUM_HOME")
    fi
    setsid "${as[@]}" "$DOTNET" "$APP/Lyceum.Host.dll" serve >>"$log" 2>&1 </dev/null 9>&- &
    SERVER_PID=$!
    printf '%s\n' "$SERVER_PID" >"$LYCEUM_HOME/state/server.pid"
}

server_alive() { [ -n "$SERVER_PID" ] && kill -0 "$SERVER_PID" 2>/dev/null; }

# The HTTP status of a path of the server, or 000.
http_status() (
    exec 2>/dev/null
    code=''
    address=${LYCEUM_BIND:-127.0.0.1}
    case $address in 0.0.0.0 | ::) address=127.0.0.1 ;; esac
    if exec 3<>"/dev/tcp/$address/$LYCEUM_PORT"; then
        printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
        read -r -t 5 -u 3 _ code _ || true
    fi
    printf '%s' "${code:-000}"
)

server_wait() {
    local deadline=$((SECONDS + 180))
    until [ "$(http_status /healthz/ready)" = 200 ]; do
        server_alive || return 1
        if [ "$SECONDS" -ge "$deadline" ]; then
            note "the server answers, but is not ready after 3 minutes; ask http://127.0.0.1:$LYCEUM_PORT/healthz/ready why."
            return 0
        fi
        sleep 0.1
    done
}

# Asks the server to end, gives it half a minute to finish what it is doing, then insists.
server_stop() {
    local pid=${1:-$SERVER_PID} tries
    [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null || return 0
    for tries in {1..300}; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    if [ "$tries" -eq 300 ]; then kill -KILL "$pid" 2>/dev/null || true; fi
    return 0
}

# A server that outlived its ./run (which was killed) is ended, if the number still means that server.
server_stop_leftover() {
    local pid
    pid=$(cat "$LYCEUM_HOME/state/server.pid" 2>/dev/null || true)
    [ -n "$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$APP/Lyceum.Host.dll serve" || return 0
    note "stopping the server (process $pid) that an earlier run left behind"
    server_stop "$pid"
}

LOG_MAX_BYTES=20000000

# Keeps one log of before; the file is appended to, so it can be emptied under the server.
log_trim() {
    local log=$1
    [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt "$LOG_MAX_BYTES" ] || return 0
    as_account cp "$log" "$log.1"
    as_account truncate -s 0 "$log"
}
