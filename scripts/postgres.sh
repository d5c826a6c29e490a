# shellcheck shell=bash
# A private PostgreSQL cluster: made, started, stopped. Loopback only, passwords only, never as root.

PG_LEAST=15

# Finds the newest server on the machine, or the one that an existing cluster was made with.
postgres_find() {
    local data=$1 bin major
    PG_MAJOR='' PG_BIN=''
    for bin in /usr/lib/postgresql/*/bin; do
        [ -x "$bin/initdb" ] || continue
        major=${bin#/usr/lib/postgresql/}
        major=${major%%/*}
        if [ "$major" -ge "$PG_LEAST" ] && [ "$major" -gt "${PG_MAJOR:-0}" ]; then PG_MAJOR=$major PG_BIN=$bin; fi
    done
    if [ -f "$data/PG_VERSION" ]; then
        major=$(<"$data/PG_VERSION")
        [ -x "/usr/lib/postgresql/$major/bin/postgres" ] ||
            stop "the data in $data was made by PostgreSQL $major, which is not on this machine." \
                "Install it with: sudo apt-get install postgresql-$major"
        PG_MAJOR=$major PG_BIN=/usr/lib/postgresql/$major/bin
    fi
    [ -n "$PG_MAJOR" ] || stop "PostgreSQL $PG_LEAST or newer is needed." "Install it with: sudo apt-get install postgresql"
}

postgres_present() { (postgres_find /nonexistent) >/dev/null 2>&1; }

port_in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A free port below the range that the system hands out to outgoing connections.
port_free() {
    local port _
    for _ in {1..50}; do
        port=$((15000 + RANDOM % 15000))
        if ! port_in_use "$port"; then
            printf '%s' "$port"
            return 0
        fi
    done
    stop "no free port was found on 127.0.0.1 between 15000 and 30000."
}

# cluster_create DATA PASSWORD_FILE: made beside its place and moved there whole, so a cut-off run leaves no half.
cluster_create() {
    local data=$1 password_file=$2
    [ -f "$data/PG_VERSION" ] && return 0
    say "creating a private PostgreSQL $PG_MAJOR in $data"
    as_account rm -rf "$data.new"
    as_account_quietly "$PG_BIN/initdb" --pgdata="$data.new" --username=postgres --pwfile="$password_file" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 ||
        stop "initdb failed; its words are above."
    as_account mv "$data.new" "$data"
}

# cluster_configure DATA PORT [EXTRA LINES]: written at every start, so that a new version's settings take hold.
cluster_configure() {
    local data=$1 port=$2 extra=${3:-}
    as_account tee "$data/lyceum.conf" >/dev/null <<CONF
# Written by ./run at every start. Your own settings go into local.conf beside this file; they win.
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 60
shared_buffers = 256MB
maintenance_work_mem = 512MB
work_mem = 16MB
effective_cache_size = 1GB
random_page_cost = 1.1
jit = off
synchronous_commit = on
wal_compression = on
max_wal_size = 2GB
min_wal_size = 128MB
checkpoint_timeout = 15min
autovacuum_vacuum_scale_factor = 0.05
idle_in_transaction_session_timeout = 5min
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = '$LYCEUM_HOME/logs'
log_filename = 'postgres-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_min_duration_statement = 2s
log_line_prefix = '%m [%p] %u@%d '
$extra
CONF
    as_account touch "$data/local.conf"
    if ! as_account grep -q "^include = 'lyceum.conf'" "$data/postgresql.conf"; then
        as_account tee -a "$data/postgresql.conf" >/dev/null <<CONF
include = 'lyceum.conf'
include = 'local.conf'
CONF
    fi
}

as_account_quietly() { quietly as_account "$@"; }

cluster_running() { as_account "$PG_BIN/pg_ctl" status --pgdata="$1" >/dev/null 2>&1; }

# cluster_start DATA: a stale postmaster.pid of a crash is PostgreSQL's own to judge; it starts over it and recovers.
cluster_start() {
    local data=$1
    as_account_quietly "$PG_BIN/pg_ctl" start --pgdata="$data" --wait --timeout=120 --silent --log="$LYCEUM_HOME/logs/postgres-start.log" && return 0
    as_account tail -n 15 "$LYCEUM_HOME/logs/postgres-start.log" >&2 || true
    stop "PostgreSQL did not start; its last words are above." "More is in $LYCEUM_HOME/logs."
}

cluster_stop() {
    local data=$1
    cluster_running "$data" || return 0
    as_account "$PG_BIN/pg_ctl" stop --pgdata="$data" --mode=fast --wait --timeout=60 --silent >/dev/null 2>&1 ||
        as_account "$PG_BIN/pg_ctl" stop --pgdata="$data" --mode=immediate --wait --timeout=30 --silent >/dev/null 2>&1 || true
}

# cluster_port PORT_FILE: the port kept from last time, or another one when something else has taken it.
cluster_port() {
    local file=$1 port=
    [ -s "$file" ] && port=$(<"$file")
    if [ -z "$port" ] || port_in_use "$port"; then
        port=$(port_free)
        printf '%s\n' "$port" | as_account tee "$file" >/dev/null
    fi
    printf '%s' "$port"
}
