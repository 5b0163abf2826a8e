#!/usr/bin/env bash
# Runs `paygrade gate` for action.yml. Inputs come as environment variables and become arguments, one
# each: nothing of them is ever read as shell, as a pattern or as an option. The script notes how the
# gate ended and itself ends with 0, so that store and report are kept before the action ends likewise.
set -euo pipefail

report=${GATE_REPORT:?}
output=${GITHUB_OUTPUT:?}

# `ended` is how the process ended; `exit_code`, beside it, is what the process said of itself.
finish() {
    printf 'ended=%s\n' "$1" >>"$output"
    exit 0
}

# Says which input is wrong, never what it holds: that could be read as a command of the runner.
refuse() {
    printf '::error title=paygrade gate::%s\n' "$1"
    finish 2
}

# words NAME VALUE: the words of VALUE, into the array `words`.
words() {
    local word LC_ALL=C # the same characters are refused wherever it runs
    words=()
    IFS=$' \t\r\n' read -r -d '' -a words <<<"$2" || true # it ends with 1, as there is no NUL to find
    for word in ${words[@]+"${words[@]}"}; do
        case $word in
            -*) refuse "input $1: a name cannot begin with a dash" ;;
            *[[:cntrl:]]*) refuse "input $1: a name cannot hold a control character" ;;
        esac
    done
}

arguments=()

# option FLAG NAME VALUE: adds FLAG with VALUE, unless that is empty.
option() {
    local value=$3 LC_ALL=C
    value=${value%$'\n'} # a block of YAML ends with one
    case $value in
        '') return 0 ;;
        -*) refuse "input $2: cannot begin with a dash" ;;
        *[[:cntrl:]]*) refuse "input $2: one line, without control characters" ;;
    esac
    arguments+=("$1" "$value")
}

words runners "${GATE_RUNNERS:-}"
for word in ${words[@]+"${words[@]}"}; do
    arguments+=(--runner "$word")
done
option --baseline baseline "${GATE_BASELINE:-}"
option --prompt prompt "${GATE_PROMPT:-}"
option --epochs epochs "${GATE_EPOCHS:-}"
option --confirm confirm "${GATE_CONFIRM:-}"
option --on-inconclusive on-inconclusive "${GATE_ON_INCONCLUSIVE:-}"
option --workspace workspace "${GATE_WORKSPACE:-}"
words suites "${GATE_SUITES:-}"

# For the job that writes the comment. It does not believe it: see post-comment.sh.
case ${GATE_PR:-} in
    '' | *[!0-9]*) ;;
    *) printf '%s\n' "$GATE_PR" >"$report/pr.txt" ;;
esac

# A workflow that passes a secret which is not set passes an empty text. That is no key.
[ -n "${OPENAI_API_KEY:-}" ] || unset OPENAI_API_KEY
[ -n "${ANTHROPIC_API_KEY:-}" ] || unset ANTHROPIC_API_KEY

code=0
paygrade gate ${arguments[@]+"${arguments[@]}"} \
    -o "$report/gate.json" \
    -o "$report/gate.md" \
    -o "$report/gate.junit.xml" \
    -o "$report/gate.svg" \
    -o "$report/gate.badge.json" \
    -- ${words[@]+"${words[@]}"} || code=$?

if [ "$code" -eq 0 ] && [ ! -s "$report/gate.json" ]; then
    printf '::error title=paygrade gate::%s\n' 'The gate ended with 0 and wrote no report. This is not a pass.'
    code=1
fi

{
    if [ -s "$report/gate.json" ]; then printf 'report=%s\n' "$report/gate.json"; fi
    if [ -s "$report/gate.junit.xml" ]; then printf 'junit=%s\n' "$report/gate.junit.xml"; fi
    if [ -s "$report/gate.md" ]; then printf 'comment=%s\n' "$report/gate.md"; fi
} >>"$output"

finish "$code"
