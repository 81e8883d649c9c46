#!/bin/sh
# runc for machines where root lacks CAP_SYS_RESOURCE: takes it, the OOM score and limits out of what runc is asked to do.
without() {
  if jq -c "$2" "$1" >"$1.$$" 2>/dev/null; then cat "$1.$$" >"$1"; fi
  rm -f "$1.$$"
}
verb='' bundle='' process='' before=''
for word in "$@"; do
  case $before in
    --bundle | -b) bundle=$word ;;
    --process | -p) process=$word ;;
  esac
  case $word in
    --bundle=*) bundle=${word#--bundle=} ;;
    --process=*) process=${word#--process=} ;;
    create | run | exec) [ -n "$verb" ] || verb=$word ;;
  esac
  before=$word
done
less='if .capabilities then .capabilities |= map_values(if type == "array" then map(select(. != "CAP_SYS_RESOURCE")) else . end) else . end | del(.oomScoreAdj, .rlimits)'
if ! capsh --has-p=cap_sys_resource 2>/dev/null; then
  case $verb in
    create | run) [ ! -f "${bundle:-.}/config.json" ] || without "${bundle:-.}/config.json" ".process |= ($less)" ;;
    exec) [ ! -f "$process" ] || without "$process" "$less" ;;
  esac
fi
exec "$RUNC_REAL" "$@"
