# SPDX-License-Identifier: GPL-2.0-only
# Words that change from day to day, read anew at each Tab by the shell itself: nothing is started.

if ! type -P harness >/dev/null; then
	harness() { PYTHONPATH="$_harness_root${PYTHONPATH:+:$PYTHONPATH}" command python3 -m harness "$@"; }
fi

# Folders and scenarios along a path; a bare word also finds scenarios that begin with it.
_harness_scenario_files() {
	compgen -d -- "$1"
	compgen -f -X '!*.yaml' -- "$1"
	compgen -f -X '!*.py' -- "$1"
	[[ $1 == */* || -z $1 ]] || compgen -G "scenarios/*/$1*.yaml"
}

# Of files the names without folder and suffix that begin with a word: WORD SUFFIX FILE...
_harness_stems() {
	local file word=$1 suffix=$2 names=()
	for file in "${@:3}"; do
		file=${file##*/}
		names+=("${file%"$suffix"}")
	done
	compgen -W "${names[*]}" -- "$word"
}

_harness_scenario_names() { _harness_stems "$1" .yaml "$_harness_root"/scenarios/*/*.yaml; }
_harness_sets() { _harness_stems "$1" .yaml "$_harness_root"/images/*.yaml; }
_harness_devices() { _harness_stems "$1" -be-on.dtso "$_harness_root"/dts/overlays/*-be-on.dtso; }

_harness_steps() {
	local file line names=() pattern='^class .*\(Step, name="([a-z_.]+)"'
	while IFS= read -r line; do
		[[ $line =~ $pattern ]] && names+=("${BASH_REMATCH[1]}")
	done < <(for file in "$_harness_root"/harness/scenario/steps/*.py; do printf '%s\n' "$(<"$file")"; done)
	compgen -W "${names[*]}" -- "$1"
}

# The folders of runs, and whatever else is given by its path.
_harness_run_folders_and_files() {
	[[ $1 == */* ]] || compgen -G "build/runs/*$1*"
	compgen -f -- "$1"
}
