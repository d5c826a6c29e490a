# shellcheck shell=bash
# pgvector for the server's major version: the distribution's package where it is new enough, else built
# from a newer suite's source package. What was built is kept, so that it is built once per version.

PGVECTOR_WANTED=0.8.4
PGVECTOR_LEAST=0.8.0
PGVECTOR_SUITES=(forky trixie)

# The version PostgreSQL would install with `create extension vector`, or nothing.
pgvector_installed() {
    local control
    control="$("$PG_BIN/pg_config" --sharedir)/extension/vector.control"
    [ -r "$control" ] || return 0
    sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$control"
}

at_least() { dpkg --compare-versions "$1" ge "$2"; }

# What is there already is used when it is new enough to work; a newer one is wanted only where there is none.
pgvector_ensure() {
    local keep=$1 present package candidate suite
    present=$(pgvector_installed)
    if [ -n "$present" ] && at_least "$present" "$PGVECTOR_LEAST"; then return 0; fi
    is_root || stop "PostgreSQL $PG_MAJOR on this machine has no pgvector $PGVECTOR_LEAST or newer." \
        "Run 'sudo ./run --setup' once: it installs the missing packages and builds pgvector."

    if pgvector_from_cache "$keep"; then return 0; fi

    build_tools_ensure
    package="postgresql-$PG_MAJOR-pgvector"
    candidate=$(apt-cache policy "$package" 2>/dev/null | sed -n 's/^ *Candidate: *//p')
    [ "$candidate" = '(none)' ] && candidate=
    if [ -n "$candidate" ] && at_least "$candidate" "$PGVECTOR_WANTED"; then
        say "installing $package $candidate"
        apt_install "$package"
        return 0
    fi

    for suite in "${PGVECTOR_SUITES[@]}"; do
        say "building pgvector from the $suite source package"
        if pgvector_build "$suite" "$keep"; then
            pgvector_from_cache "$keep" && return 0
        fi
        note "$suite has no source that this machine can fetch and build (see $keep/$suite.log)"
        if [ -n "$candidate" ]; then
            say "installing $package $candidate instead"
            apt_install "$package"
            return 0
        fi
    done
    stop "pgvector could not be built for PostgreSQL $PG_MAJOR." \
        "Install it by hand (its README describes 'make && make install') and run ./run again."
}

# Installs files that an earlier run built for this very server. The home belongs to an account with fewer rights,
# so only what root itself wrote is copied into the system.
pgvector_from_cache() {
    local tree
    tree=$1/$PG_MAJOR-$(dpkg --print-architecture)
    [ -f "$tree/complete" ] && [ -z "$(find "$tree" ! -user root -print -quit)" ] || return 1
    tar -C "$tree/files" -cf - . | tar -C / -xf - --no-same-owner --no-overwrite-dir
    say "pgvector $(pgvector_installed) is in place"
}

# The mirrors this machine already uses for its own release, one per line.
apt_mirrors() {
    local codename
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016  # apt expands these, not the shell
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME)' 'Created-By: Packages' |
        awk -v name="$codename" '$2 == name || $3 == name { print $1 }' | sort -u
}

# Fetches and builds in a directory of its own, with an apt configuration of its own: the machine's sources,
# lists and cache are not touched.
pgvector_build() (
    suite=$1 keep=$2
    mkdir -p "$keep"
    exec >"$keep/$suite.log" 2>&1 </dev/null
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    for uri in $(apt_mirrors); do
        printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$uri" "$suite"
    done >"$work/sources.list"
    [ -s "$work/sources.list" ] || { echo "apt names no mirror of this release"; return 1; }
    private=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache"
        -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=2)
    apt-get "${private[@]}" update || return 1
    (cd "$work/source" && apt-get "${private[@]}" source pgvector) || return 1
    source=$(find "$work/source" -mindepth 1 -maxdepth 1 -type d -name 'pgvector-*' | head -n 1)
    [ -n "$source" ] || return 1
    # No -march=native: the files may be carried to another processor; pgvector chooses its loops at run time.
    # No LLVM bitcode: it needs clang and serves only the just-in-time compiler, which stays off.
    make=(make -C "$source" "PG_CONFIG=$PG_BIN/pg_config" OPTFLAGS= with_llvm=no)
    "${make[@]}" -j"$(nproc)" || return 1
    tree=$keep/$PG_MAJOR-$(dpkg --print-architecture)
    rm -rf "$tree"
    mkdir -p "$tree/files"
    "${make[@]}" install "DESTDIR=$tree/files" || return 1
    : >"$tree/complete"
)
