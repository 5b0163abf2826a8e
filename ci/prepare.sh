#!/usr/bin/env bash
# First step of action.yml: refuses inputs that could not be meant, and says where the report and the
# store go. Inputs come as environment variables. A message names the input and never shows its value.
set -euo pipefail
export LC_ALL=C

refuse() {
    printf '::error title=paygrade gate::%s\n' "$1"
    exit 2
}

[ "${RUNNER_OS:-}" != Windows ] || refuse 'paygrade runs on Linux and macOS'

# The name becomes a folder, a part of a cache key and the name of an artifact.
name=${GATE_ARTIFACT:?}
case $name in
    [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) refuse 'input artifact: letters, digits, dots, dashes and underscores' ;;
esac
[ "${#name}" -le 100 ] || refuse 'input artifact: at most 100 characters'

# The workspace becomes a pattern of actions/cache, where these would have a meaning.
workspace=${GATE_WORKSPACE:-.}
case $workspace in
    -* | '~'* | *[[:cntrl:]]* | *['*?[]{}!#']*) refuse 'input workspace: a plain path' ;;
esac

case ${GATE_STORE_CACHE:-} in
    true | false) ;;
    *) refuse 'input store-cache: true or false' ;;
esac

report=${RUNNER_TEMP:?}/paygrade-gate/$name
rm -rf -- "$report"
mkdir -p -- "$report"

# A number where there is a pull request, else the branch. A key may not hold a comma.
scope=$(printf '%s' "${GATE_PR:-${GITHUB_REF_NAME:-none}}" | tr -c 'A-Za-z0-9._-' '-')
prefix=paygrade-store-${RUNNER_OS:-any}-$name-$scope-

{
    printf 'report=%s\n' "$report"
    printf 'store=%s\n' "${workspace%/}/.paygrade"
    printf 'prefix=%s\n' "$prefix"
    printf 'key=%s%s-%s\n' "$prefix" "${GITHUB_RUN_ID:?}" "${GITHUB_RUN_ATTEMPT:?}"
} >>"${GITHUB_OUTPUT:?}"
