# SPDX-License-Identifier: GPL-2.0-only
# Words that change from day to day, read anew at each Tab by the shell itself: nothing is started.

if (( ! $+commands[harness] )); then
	harness() { PYTHONPATH="$_harness_root${PYTHONPATH:+:$PYTHONPATH}" command python3 -m harness "$@"; }
fi

_harness_scenario_files() {
	_files -g '*.(yaml|py)'
	[[ $PREFIX == */* || -z $PREFIX ]] || compadd -U -f -- scenarios/*/$PREFIX*.yaml(N)
}
_harness_scenario_names() { compadd -- $_harness_root/scenarios/*/*.yaml(N:t:r); }
_harness_sets() { compadd -- $_harness_root/images/*.yaml(N:t:r); }
_harness_devices() { compadd -- ${${(@)${(@f)"$(print -l $_harness_root/dts/overlays/*-be-on.dtso(N:t:r))"}}%-be-on}; }
_harness_steps() {
	local file line names=()
	for file in $_harness_root/harness/scenario/steps/*.py; do
		for line in ${(M)${(f)"$(<$file)"}:#class *\(Step, name=\"*}; do
			names+=(${${line#*name=\"}%%\"*})
		done
	done
	compadd -- $names
}
_harness_run_folders_and_files() { compadd -f -- build/runs/*(N); _files; }
