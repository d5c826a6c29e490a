# shellcheck shell=bash
# The stages of ./check: each is timed, counted and named when it fails; a failure does not hide the next stage.

PASSED=0 FAILED=0 FAILED_NAMES=()

# stage NAME COMMAND...: a step that passes or fails as a whole. Its words are shown when it fails.
stage() {
    local name=$1 code=0 from=$SECONDS
    shift
    quietly "$@" || code=$?
    stage_end "$name" "$code" "$from"
    [ "$code" -eq 0 ] || stage_failed "$name"
    return "$code"
}

stage_end() {
    local state=ok
    [ "$2" -eq 0 ] || state=FAILED
    say "$(printf '%-30s %-7s %4ds %s' "$1" "$state" $((SECONDS - $3)) "${4:-}")"
}

stage_failed() {
    FAILED=$((FAILED + 1))
    FAILED_NAMES+=("$1")
}

# tests_dotnet NAME PROJECT ARGS...: runs a built xunit.v3 program and adds its counts. A skipped test is a failed one:
# what is not run shows nothing.
tests_dotnet() {
    local name=$1 project=$2 from=$SECONDS code=0
    shift 2
    local program=$ROOT/tests/$project/bin/Release/net10.0/Lyceum.$project.dll xml=$RESULTS/${name// /-}.xml log=$RESULTS/${name// /-}.log
    if [ ! -f "$program" ]; then
        stage_end "$name" 1 "$from" "not built"
        stage_failed "$name"
        return 1
    fi
    rm -f "$xml"
    timeout --kill-after=10 "$TESTS_SECONDS_MAX" dotnet "$program" -noLogo -noColor -xml "$xml" "$@" >"$log" 2>&1 </dev/null 9>&- || code=$?
    local passed failed skipped errors
    passed=$(xml_sum "$xml" passed)
    failed=$(xml_sum "$xml" failed)
    skipped=$(xml_sum "$xml" skipped)
    errors=$(xml_sum "$xml" errors)
    local bad=$((failed + skipped + errors))
    # A program that ends badly without a failed test (a crash, a time-out) is one failure.
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + bad))
    if [ "$bad" -gt 0 ]; then
        FAILED_NAMES+=("$name")
        tests_words "$log"
        [ "$skipped" -eq 0 ] || note "$skipped skipped: make them run, or take them out."
        [ "$code" -ne 124 ] || note "stopped after $TESTS_SECONDS_MAX seconds."
    fi
    stage_end "$name" "$bad" "$from" "$passed passed, $bad failed"
}

# What failed and why: the block after each failed test, without what the server logged and the frames of libraries.
# A program that ended without a test's word (a crash) is shown by its last lines.
tests_words() {
    if grep -q '\[FAIL\]' "$1"; then
        awk '/^(info|warn|fail|crit|dbug): / { left = 0 } /\[FAIL\]/ { left = 30 } left > 0 && !/^ +at / && !/^ *$/ { print; left-- }' "$1" | head -n 400 >&2
    else
        tail -n 60 "$1" >&2
    fi
}

# The sum of an attribute over the <assembly> elements of an xunit report; 0 without a report.
xml_sum() {
    local -a numbers=()
    if [ -f "$1" ]; then mapfile -t numbers < <(grep -o '<assembly [^>]*' "$1" | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]*'); fi
    local number sum=0
    for number in "${numbers[@]}"; do sum=$((sum + number)); done
    printf '%s' "$sum"
}

# tests_ui: vitest, counted from its JSON report.
tests_ui() {
    local from=$SECONDS code=0 json=$RESULTS/ui.json log=$RESULTS/ui.log passed failed
    rm -f "$json"
    (cd "$ROOT/ui" && timeout --kill-after=10 "$TESTS_SECONDS_MAX" npx --no-install vitest run --reporter=default --reporter=json \
        "--outputFile.json=$json") >"$log" 2>&1 </dev/null 9>&- || code=$?
    passed=$(json_number "$json" numPassedTests)
    failed=$(json_number "$json" numFailedTests)
    failed=$((failed + $(json_number "$json" numPendingTests)))
    if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
    if [ "$failed" -gt 0 ]; then
        FAILED_NAMES+=("UI tests")
        tail -n 60 "$log" >&2
    fi
    stage_end "UI tests" "$failed" "$from" "$passed passed, $failed failed"
}

json_number() {
    local number=''
    if [ -f "$1" ]; then number=$(grep -o "\"$2\": *[0-9]*" "$1" | sed -n '1s/.*[^0-9]//p'); fi
    printf '%s' "${number:-0}"
}
