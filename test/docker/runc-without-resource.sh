#!/bin/sh
# runc, asked for no more than it can do here. Where root lacks CAP_SYS_RESOURCE, that, the OOM score and limits are left out; a time
# namespace, which Docker 29 asks for, where runc is older than 1.2 (Debian 12).
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
capsh --has-p=cap_sys_resource 2>/dev/null && less=.
case $verb in
  create | run)
    case $("$RUNC_REAL" --version) in
      'runc version 1.'[01].*) less=".process |= ($less) | .linux.namespaces |= map(select(.type != \"time\"))" ;;
      *) less=".process |= ($less)" ;;
    esac
    [ ! -f "${bundle:-.}/config.json" ] || without "${bundle:-.}/config.json" "$less" ;;
  exec) [ ! -f "$process" ] || without "$process" "$less" ;;
esac
exec "$RUNC_REAL" "$@"
