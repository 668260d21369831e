# kmsgc.bash -- completion of kmsgc's command line.
#
# Which options there are, and what they take, is read from `kmsgc --help`: a line that begins with
# an option ends its options where two blanks stand.

# _kmsgc_options COMMAND: a line for each option, with what it takes behind it.
_kmsgc_options()
{
    local line word option=
    "$1" --help 2> /dev/null | while IFS= read -r line; do
        [[ $line =~ ^'  '- ]] || continue
        line=${line#  }
        line=${line%%  *}
        option=
        for word in ${line//,/ }; do
            if [[ $word == -* ]]; then
                [[ -z $option ]] || printf '\n'
                option=$word
                printf '%s' "$option"
            else
                printf ' %s' "$word"
            fi
        done
        printf '\n'
    done
}

# _kmsgc_files WHAT WORD: folders, files, or schemas and folders, that begin with WORD.
_kmsgc_files()
{
    compopt -o filenames 2> /dev/null
    case $1 in
    DIR) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
    FILE) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    *) mapfile -t COMPREPLY < <(
        compgen -d -- "$2"
        compgen -f -X '!*.kmsg' -- "$2"
    ) ;;
    esac
}

# _kmsgc_value NUMBER OPTION OPTIONS: what OPTION takes as its NUMBER-th value; nothing if no more.
_kmsgc_value()
{
    local words
    while read -ra words; do
        [[ ${words[0]} != "$2" ]] || printf '%s' "${words[$1]-}"
    done <<< "$3"
}

# _kmsgc_one_of OPTION OPTIONS: what may stand behind OPTION=.
_kmsgc_one_of()
{
    local option rest
    while read -r option rest; do
        [[ $option != "$1="* ]] || printf '%s\n' "${option#*=}"
    done <<< "$2"
}

_kmsgc()
{
    local cur=${COMP_WORDS[COMP_CWORD]} options back what
    options=$(_kmsgc_options "$1")
    COMPREPLY=()

    # --dump=ast comes as three words.
    if [[ $cur == = || ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
        back=1
        [[ $cur == = ]] && cur= || back=2
        set -- "${COMP_WORDS[COMP_CWORD - back]}"
        what=$(_kmsgc_value 1 "$1" "$options")
        if [[ -n $what ]]; then
            _kmsgc_files "$what" "$cur"
        else
            mapfile -t COMPREPLY < <(compgen -W "$(_kmsgc_one_of "$1" "$options")" -- "$cur")
        fi
        return
    fi
    for ((back = 1; back <= 2 && back < COMP_CWORD; back++)); do
        what=$(_kmsgc_value $back "${COMP_WORDS[COMP_CWORD - back]}" "$options")
        if [[ -n $what ]]; then
            _kmsgc_files "$what" "$cur"
            return
        fi
    done
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(cut -d ' ' -f 1 <<< "$options")" -- "$cur")
    else
        _kmsgc_files FILE.kmsg "$cur"
    fi
}

complete -F _kmsgc kmsgc
