#compdef cpaas
# Completion of cpaas for zsh: source <(cpaas completion zsh), after compinit; or this file as _cpaas in a folder of fpath.
_cpaas() {
  local -a lines offers typed
  local line word about files
  typed=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  lines=("${(@f)$(${words[1]} completion zsh --complete -- "${(@)typed}" 2>/dev/null)}")
  for line in $lines; do
    if [[ $line == :files ]]; then
      files=1
      continue
    fi
    word=${line%%$'\t'*} about=
    [[ $line == *$'\t'* ]] && about=:${line#*$'\t'}
    offers+=("${word//:/\\:}$about")
  done
  if [[ -n $files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  else
    (( $#offers )) && _describe -V 'cpaas' offers
  fi
}
if [[ $funcstack[1] == _cpaas ]]; then
  _cpaas "$@"
else
  compdef _cpaas cpaas
fi
