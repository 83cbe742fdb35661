# SPDX-License-Identifier: GPL-2.0-only
# `python3 -m harness` completes as `harness` does; all else of python3 as it did before.
_harness_python_before=$(complete -p python3 2>/dev/null | sed -n 's/.*-F \([^ ]*\) .*/\1/p')
_harness_python() {
	if [[ ${COMP_WORDS[1]} == -m && ${COMP_WORDS[2]} == harness && $COMP_CWORD -gt 2 ]]; then
		COMP_WORDS=(harness "${COMP_WORDS[@]:3}")
		COMP_CWORD=$((COMP_CWORD - 2))
		_shtab_harness
	elif [[ -n $_harness_python_before && $_harness_python_before != _harness_python ]]; then
		"$_harness_python_before" "$@"
	else
		compopt -o default
		COMPREPLY=()
	fi
}
complete -o bashdefault -F _harness_python python3
