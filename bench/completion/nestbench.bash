# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for nestbench and nestkernel: nestbench itself says what there is (bench/completion/completion.h).

_nestbench()
{
	local program=${1/#\~\//$HOME/} answer word
	[[ $program == *nestkernel* ]] && program=nestbench
	mapfile -t answer < <("$program" --complete-line "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
	COMPREPLY=("${answer[@]:1}")
	for word in "${COMPREPLY[@]}"; do
		[[ $word != *[=:/] ]] || compopt -o nospace
	done
	case ${answer[0]%%$'\t'*} in
	paths) compopt -o filenames ;;
	files) compopt -o default ;;
	dirs) compopt -o dirnames ;;
	esac
}
complete -F _nestbench nestbench nestkernel
