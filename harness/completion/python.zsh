# SPDX-License-Identifier: GPL-2.0-only
# `python3 -m harness` completes as `harness` does; all else of python3 as it did before.
_harness_python() {
	if [[ $words[2] == -m && $words[3] == harness ]] && (( CURRENT > 3 )); then
		words=(harness "${(@)words[4,-1]}")
		(( CURRENT -= 2 ))
		_shtab_harness
	elif (( $+functions[_python] )); then
		_python
	else
		_default
	fi
}
compdef _harness_python python3
