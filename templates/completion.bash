# Completion of cpaas for bash 3.2 and newer: source <(cpaas completion bash)
_cpaas() {
  local words=() rest=$COMP_LINE n=-1 i word offer files
  # bash breaks words at = and : as well; they are put together again by the line itself
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $i == 0 || $rest == [[:space:]]* ]]; then
      words[++n]=$word
      rest=${rest#"${rest%%[![:space:]]*}"}
    else
      words[n]+=$word
    fi
    rest=${rest#"$word"}
  done
  # what readline will replace: the last piece
  local last=$word current=${words[n]}
  [[ $last == [=:]* ]] && last=
  local before=${current%"$last"} quote=
  # as the shell will read them
  for ((i = 1; i <= n; i++)); do
    words[i]=${words[i]//\\/}
    case ${words[i]} in [\"\']*) [[ $i == "$n" ]] && quote=${words[i]:0:1}; words[i]=${words[i]#?} ;; esac
    [[ $i == "$n" ]] || case ${words[i]} in *[\"\']) words[i]=${words[i]%?} ;; esac
  done
  COMPREPLY=()
  while IFS= read -r offer; do
    if [[ $offer == :files ]]; then
      files=1
      continue
    fi
    offer=${offer%%$'\t'*}
    [[ $quote ]] || offer=$(printf %q "$offer")
    COMPREPLY+=("${offer#"$before"}")
  done < <("${words[0]}" completion bash --complete -- "${words[@]:1}" 2>/dev/null)
  if [[ $files ]]; then
    type compopt &>/dev/null && compopt -o filenames
    while IFS= read -r offer; do COMPREPLY+=("$offer"); done < <(compgen -f -- "$last")
  fi
}
complete -F _cpaas cpaas
