# Completion of cpaas for fish: cpaas completion fish > ~/.config/fish/completions/cpaas.fish
function __cpaas_complete
    set -l words (commandline -opc)
    # as it is typed: perhaps with a quote that is not closed yet
    set -l current (commandline -ct | string replace -r '^["\']' '' | string replace -a '\\' '')
    for offer in ($words[1] completion fish --complete -- $words[2..] $current 2>/dev/null)
        if test "$offer" = :files
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- $current)
        else
            echo $offer
        end
    end
end
complete -c cpaas -f -a '(__cpaas_complete)'
