# Sourced by the scripts that test, after setup.sh: runs vitest and says how it went. The last line: N passed, N failed, N skipped.
run_tests() {
  local folder report code=0
  # what vitest leaves when it is ended goes with the rest
  folder=$(mktemp -d)
  chmod 1777 "$folder"
  report=$folder/report.json
  # namespaces need root, the rest does not mind
  "${ROOT[@]}" env "TMPDIR=$folder" "$(command -v node)" node_modules/vitest/vitest.mjs run \
    --reporter=default --reporter=json --outputFile.json="$report" "$@" >&2 || code=$?
  node -e '
    const report = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    const skipped = report.numPendingTests + report.numTodoTests;
    const broken = report.testResults.filter(({ status, assertionResults }) => status === "failed" && !assertionResults.some((each) => each.status === "failed"));
    console.log(`${report.numPassedTests} passed, ${report.numFailedTests + broken.length} failed, ${skipped} skipped`);
  ' "$report"
  # something that a killed run has left mounted there is not ours to empty
  grep -qs " $folder/" /proc/self/mounts || "${ROOT[@]}" rm -rf "$folder"
  return $code
}
