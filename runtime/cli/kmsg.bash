# kmsg.bash -- completion of kmsg's command line.
#
# Commands and options are read from `kmsg --help` and `kmsg help COMMAND`; what may stand behind -t
# from `kmsg types` of the schemas that have been named before, and who can be revoked from `kmsg key
# list`.

# _kmsg_options KMSG COMMAND: its options, one a line.
_kmsg_options()
{
    "$1" help "$2" 2> /dev/null | sed -n 's/^  *\(-[^ ].*\)/\1/p' | sed 's/  .*//; s/, /\n/' |
        sed 's/ .*//'
}

# _kmsg_types KMSG WORD...: the records of the schemas among the words of a command line.
_kmsg_types()
{
    local kmsg=$1 schemas=() word before=
    shift
    for word; do
        case $before in
        -s | --schema) schemas+=(-s "${word/#\~/$HOME}") ;;
        -I) schemas+=(-I "${word/#\~/$HOME}") ;;
        esac
        before=$word
    done
    [ ${#schemas[@]} = 0 ] || "$kmsg" types "${schemas[@]}" 2> /dev/null
}

# _kmsg_trusted KMSG WORD...: the names of those whom the folder that is named, or the usual one,
# trusts.
_kmsg_trusted()
{
    local kmsg=$1 folder=() word before=
    shift
    for word; do
        [ "$before" != --folder ] || folder=(--folder "${word/#\~/$HOME}")
        before=$word
    done
    "$kmsg" key list "${folder[@]}" 2> /dev/null | cut -d ' ' -f 2
}

_kmsg_files()
{
    compopt -o filenames 2> /dev/null
    case $1 in
    dir) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
    schema) mapfile -t COMPREPLY < <(
        compgen -d -- "$2"
        compgen -f -X '!*.kmsg' -- "$2"
    ) ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    esac
}

_kmsg()
{
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
    COMPREPLY=()

    if [[ $COMP_CWORD == 1 || ($COMP_CWORD == 2 && $before == help) ]]; then
        words=$("$1" --help 2> /dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
        return
    fi
    if [[ ${COMP_WORDS[1]} == key && $cur != -* ]]; then
        case $before in
        key) words=$("$1" help key 2> /dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p') ;;
        revoke) words=$(_kmsg_trusted "$1" "${COMP_WORDS[@]:2}") ;;
        --folder)
            _kmsg_files dir "$cur"
            return
            ;;
        *) return ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
        return
    fi
    case $before in
    -s | --schema) _kmsg_files schema "$cur" ;;
    -I) _kmsg_files dir "$cur" ;;
    -t | --type)
        words=$(_kmsg_types "$1" "${COMP_WORDS[@]:2}")
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
        ;;
    --max) ;;
    *)
        if [[ $cur == -* ]]; then
            words=$(_kmsg_options "$1" "${COMP_WORDS[1]}")
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
        else
            _kmsg_files any "$cur"
        fi
        ;;
    esac
}

complete -F _kmsg kmsg
