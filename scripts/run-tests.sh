# Sourced by the scripts that test, after setup.sh. What a run leaves comes into one folder. It goes with the script, and so does what was
# started beside it: also when Ctrl-C or a signal ends that.
scratch=$(mktemp -d)
chmod 1777 "$scratch"
group=
clean() {
  if [ -n "$group" ]; then
    # whatever ends more gently is lost on what has only just been forked
    kill -KILL -- "-$group" 2>/dev/null || true
    wait "$group" 2>/dev/null || true
  fi
  # something that a killed run has left mounted there is not ours to empty
  grep -qs " $scratch/" /proc/self/mounts || "${ROOT[@]}" rm -rf "$scratch"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Starts one command that is not waited for, in a process group of its own: that is how all of it can be ended. What a script starts with &
# otherwise ignores Ctrl-C.
beside() {
  set -m
  "$@" &
  group=$!
  set +m
}

# Waits for that one, and ends as it did.
joined() {
  local code=0
  wait "$group" || code=$?
  group=
  return $code
}

# Runs vitest and says how it went. The last line: N passed, N failed, N skipped.
run_tests() {
  local report=$scratch/report.json code=0
  # namespaces need root, the rest does not mind
  "${ROOT[@]}" env "TMPDIR=$scratch" "$(command -v node)" node_modules/vitest/vitest.mjs run \
    --reporter=default --reporter=json --outputFile.json="$report" "$@" >&2 || code=$?
  # it was ended before it had something to report
  [ -e "$report" ] || return $((code ? code : 1))
  node -e '
    const report = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    const skipped = report.numPendingTests + report.numTodoTests;
    const broken = report.testResults.filter(({ status, assertionResults }) => status === "failed" && !assertionResults.some((each) => each.status === "failed"));
    console.log(`${report.numPassedTests} passed, ${report.numFailedTests + broken.length} failed, ${skipped} skipped`);
  ' "$report"
  return $code
}
