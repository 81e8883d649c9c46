/**
 * The scripts that run on a unit to take a change of BGP back by themselves. They want nothing but a shell, coreutils, util-linux
 * and imish. What they keep is in one folder, named for the route domain, which only its owner may enter:
 *
 *     holder    who holds the unit, as JSON
 *     before    `show running-config` when it was armed
 *     undo      the lines that lead back to that
 *     armed     there until it is confirmed (`confirmed`) or fired (`fired`): whoever renames it first has decided
 *     pid       process that waits
 *
 * While the folder is there, somebody is at work. When a revert has ended it becomes FOLDER.last, with `outcome` and imish's `answer`.
 */
export const folderOf = (routeDomain: number): string => `/var/tmp/cpaas-bgp-rd${routeDomain}`;

/** What the folder's own file `guard` says: sh guard SECONDS ROUTE-DOMAIN FOLDER, in the folder. */
const GUARD = `# Takes a change of BGP back unless cpaas confirms it in time.
echo $$ >pid
now() { read -r up rest </proc/uptime; echo "\${up%.*}"; }
shown() { imish -r "$1" -e 'show running-config'; }
end=$(($(now) + $1))
while [ -e armed ] && [ "$(now)" -lt "$end" ]; do sleep 1; done
mv armed fired 2>/dev/null || exit 0
tries=0
until shown "$2" >after 2>&1 && cmp -s after before; do
  [ "$tries" -eq 0 ] || grep -qsE 'not (running|enabled)' after answer || break
  [ "$tries" -lt 20 ] || break
  [ "$tries" -eq 0 ] || sleep 1
  tries=$((tries + 1))
  imish -r "$2" -f undo >answer 2>&1
done
if cmp -s after before; then echo reverted; else echo differs; fi >outcome
rm -rf -- before after undo guard "$3.last"
mv -T -- "$3" "$3.last"
`;

/** Detached from everything that ends with the login: its session, its terminal, its environment. */
const START = `env -i PATH="$PATH" TERM=vt100 setsid nohup sh guard`;
const QUIET = '</dev/null >/dev/null 2>&1 &';

/**
 * sh -c ARM cpaas FOLDER ROUTE-DOMAIN SECONDS SIZE HOLDER, the undoing lines on stdin, SIZE bytes of them: a connection that breaks looks
 * like their end. Prints what stands now. Ends with 3 when somebody else's folder is there. The folder appears with everything in it.
 */
export const ARM = `set -eu
umask 077
new=$(mktemp -d "\${1%/*}/.cpaas-XXXXXXXX")
trap 'rm -rf -- "$new"' EXIT
cat >"$new/undo"
[ "$(($(wc -c <"$new/undo")))" -eq "$4" ] || { echo 'the lines did not arrive whole' >&2; exit 1; }
printf '%s\\n' "$5" >"$new/holder"
cat >"$new/guard" <<'END'
${GUARD}END
TERM=vt100 imish -r "$2" -e 'show running-config' >"$new/before" || true
: >"$new/armed"
cd "$new"
${START} "$3" "$2" "$1" ${QUIET}
mv -T -- "$new" "$1" 2>/dev/null || exit 3
trap - EXIT
cat before`;

/** sh -c CONFIRM cpaas FOLDER TOKEN. Ends with 3 when it is too late, or the folder is not the one that this token is of. */
export const CONFIRM = `cd "$1" 2>/dev/null && grep -qsF -- "$2" holder && mv armed confirmed 2>/dev/null || exit 3
rm -rf -- "$1.last"
mv -T -- "$1" "$1.last"
rm -rf -- "$1.last"`;

/**
 * sh -c FIRE cpaas FOLDER TOKEN ROUTE-DOMAIN. Takes back at once, unless that is being done or was done, and waits for its end. Prints how it
 * ended: `reverted`, `differs` (and what imish answered), `late`, or `gone` when it had been confirmed. A guard that died is replaced.
 */
export const FIRE = `held() { [ -O "$1" ] && [ ! -L "$1" ] && grep -qsF -- "$2" "$1/holder"; }
if held "$@" && cd "$1"; then
  if [ -e confirmed ]; then rm -rf -- "$1"
  else
    [ -e armed ] || kill -0 "$(cat pid)" 2>/dev/null || mv fired armed 2>/dev/null
    if [ -e armed ]; then ${START} 0 "$3" "$1" ${QUIET}
    fi
  fi
fi
tenths=0
while held "$@"; do
  [ "$tenths" -lt 900 ] || { echo late; exit 0; }
  tenths=$((tenths + 1))
  sleep 0.1
done
if held "$1.last" "$2"; then cat "$1.last/outcome" "$1.last/answer" 2>/dev/null
else echo gone
fi
true`;
