# shellcheck shell=bash
# Builds the server and the screens into LYCEUM_HOME, and skips what has not changed since last time.

# One line that changes when any of the given files or directories does.
stamp_of() {
    (cd "$ROOT" && find "$@" \( -name bin -o -name obj -o -name node_modules -o -name dist -o -name test-results \) -prune \
        -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort | sha256sum | cut -c1-32)
}

runtime_id() {
    case $(uname -m) in
    x86_64) echo linux-x64 ;;
    aarch64) echo linux-arm64 ;;
    *) echo '' ;;
    esac
}

# Publishes into a new directory and swaps it in whole, so that a command never meets half a build.
server_build() {
    if [ -n "${LYCEUM_APP_DIR:-}" ]; then
        APP=$(readable_copy "$LYCEUM_APP_DIR" app) || exit
        return 0
    fi
    APP=$LYCEUM_HOME/app
    local app=$LYCEUM_HOME/app stamp_file=$LYCEUM_HOME/state/server.stamp stamp work rid
    stamp=$(stamp_of src Directory.Build.props Directory.Packages.props global.json)
    if [ -f "$app/Lyceum.Host.dll" ] && [ "$(cat "$stamp_file" 2>/dev/null)" = "$stamp" ]; then
        [ -n "${QUIET_WHEN_BUILT:-}" ] || say "server is built"
        return 0
    fi
    dotnet_ensure
    say "building the server"
    work=$LYCEUM_HOME/build
    rid=$(runtime_id)
    mkdir -p "$work"
    # Ahead-of-time code halves the time to the first line of `lyceum`; where its compiler cannot be had, the
    # server is built without it.
    local -a publish=(dotnet publish "$ROOT/src/Host/Host.csproj" -c Release -v quiet --nologo
        --artifacts-path "$work" -p:NuGetLockFilePath=obj/build.lock.json -p:GenerateDocumentationFile=false
        -p:DebugType=portable -nodeReuse:false -p:UseSharedCompilation=false -o "$work/app")
    rm -rf "$work/app"
    if [ -z "$rid" ] || ! ahead_of_time "$rid" "${publish[@]}"; then
        rm -rf "$work/app"
        quietly "${publish[@]}" || stop "the server did not build; the compiler's words are above."
    fi
    rm -rf "$app.old"
    [ ! -d "$app" ] || mv "$app" "$app.old"
    mv "$work/app" "$app"
    rm -rf "$app.old"
    chmod -R go+rX "$app"
    printf '%s\n' "$stamp" >"$stamp_file"
    say "server built"
}

# False when the ahead-of-time compiler's package cannot be had; a fault in the code stops here.
ahead_of_time() {
    local rid=$1 words
    shift
    words=$(quietly "$@" -r "$rid" --no-self-contained -p:PublishReadyToRun=true 2>&1) && return 0
    grep -qiE 'crossgen|NETSDK1094|NU1101|NU1102|NU1301' <<<"$words" && return 1
    printf '%s\n' "$words" >&2
    stop "the server did not build; the compiler's words are above."
}

ui_install() {
    local stamp_file=$ROOT/ui/node_modules/.lyceum-stamp stamp
    stamp=$(stamp_of ui/package.json ui/package-lock.json)
    [ "$(cat "$stamp_file" 2>/dev/null)" != "$stamp" ] || return 0
    node_ensure
    say "installing the packages of the screens"
    (cd "$ROOT/ui" && quietly npm ci --no-audit --no-fund) || stop "npm ci failed in ui/; its words are above."
    printf '%s\n' "$stamp" >"$stamp_file"
}

ui_build() {
    if [ -n "${LYCEUM_UI_DIR:-}" ]; then
        UI_DIR=$(readable_copy "$LYCEUM_UI_DIR" ui) || exit
        return 0
    fi
    UI_DIR=$LYCEUM_HOME/ui
    if [ ! -f "$ROOT/ui/package.json" ]; then
        UI_DIR=
        return 0
    fi
    local dist=$LYCEUM_HOME/ui stamp_file=$LYCEUM_HOME/state/ui.stamp stamp
    stamp=$(stamp_of ui)
    if [ -f "$dist/index.html" ] && [ "$(cat "$stamp_file" 2>/dev/null)" = "$stamp" ]; then
        say "screens are built"
        return 0
    fi
    ui_install
    say "building the screens"
    (cd "$ROOT/ui" && quietly npm run build) || stop "the screens did not build; the words of npm are above."
    rm -rf "$dist.new"
    cp -r "$ROOT/ui/dist" "$dist.new"
    chmod -R go+rX "$dist.new"
    rm -rf "$dist"
    mv "$dist.new" "$dist"
    printf '%s\n' "$stamp" >"$stamp_file"
    say "screens built"
}

# A directory where the account that runs the server can read it: itself, or a copy in the home.
readable_copy() {
    local directory=$1 name=$2
    if ! as_account test -r "$directory/." -a -x "$directory/." 2>/dev/null; then
        # Called in $(...), where a command that fails ends nothing by itself.
        if ! { rm -rf "${LYCEUM_HOME:?}/$name" && cp -r "$directory" "$LYCEUM_HOME/$name" && chmod -R go+rX "$LYCEUM_HOME/$name"; }; then
            stop "'$directory' could not be copied to $LYCEUM_HOME/$name, where the account '$(account_name)' can read it."
        fi
        directory=$LYCEUM_HOME/$name
    fi
    printf '%s' "$directory"
}
