# Completion of tenk and tenk-load in bash: the program itself says what a word may be.
_tenk() {
	local words begun before line

	# As typed: bash would take words apart at = and :, and completes what is behind the last of them.
	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} == *' ' ]] && words+=('')
	begun=${words[-1]}
	before=${begun%"${begun##*[=:]}"}
	COMPREPLY=()
	while IFS=$'\t' read -r line _; do
		COMPREPLY+=("${line#"$before"}")
	done < <("$1" --complete "${words[@]:1}" 2>/dev/null)
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=,] ]]; then
		compopt -o nospace 2>/dev/null
	fi
}
complete -o default -F _tenk tenk tenk-load
