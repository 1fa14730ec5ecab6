# Completion of tenk and tenk-load in fish: the program itself says what a word may be, or it is a file.
function __tenk_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] --complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c tenk -f -a '(__tenk_complete)'
complete -c tenk-load -f -a '(__tenk_complete)'
