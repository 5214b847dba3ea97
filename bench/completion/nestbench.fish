# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion for nestbench and nestkernel: nestbench itself says what there is (bench/completion/completion.h).

function __nestbench_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	set -l plain (string unescape -- $current 2>/dev/null; or string trim --left --chars "\"'" -- $current)
	set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
	string match -q '*nestkernel*' -- $program; and set program nestbench
	set -l answer ($program --complete $words "$plain" 2>/dev/null)
	set -l head (string split \t -- $answer[1])
	switch "$head[1]"
		case files
			for name in (__fish_complete_path (string sub -s (math 1 + (string length -- "$head[2]")) -- "$plain"))
				echo -- $head[2]$name
			end
		case dirs
			for name in (__fish_complete_directories (string sub -s (math 1 + (string length -- "$head[2]")) -- "$plain"))
				echo -- $head[2]$name
			end
		case '*'
			printf '%s\n' $answer[2..-1]
	end
end

complete -c nestbench -f -a '(__nestbench_complete)'
complete -c nestkernel -f -a '(__nestbench_complete)'
