#!/usr/bin/env bash
# Writes the report of a gate's run into the one comment of its pull request that belongs to it.
#
# The run that made the artifact ran the code of a pull request, perhaps of a stranger: the artifact is
# hostile. It is not unpacked and nothing of it is executed. Two of its files are read, as much of them
# as is allowed: a number, and a text. The number counts only if the pull request has the commit, and
# comes from the repository, that GitHub says the run was about. The text loses what could reach out of
# the comment: mentions, references, links, images, HTML, drawings, characters that do not show.
#
# Needs bash, curl, jq, unzip, iconv and GNU sed, as ubuntu runners have them. From the environment:
#   GITHUB_API_URL GITHUB_SERVER_URL GITHUB_REPOSITORY GITHUB_TOKEN    where, and with which rights
#   RUN_ID RUN_HEAD_SHA RUN_HEAD_REPOSITORY RUN_CONCLUSION             the run, from the event
#   GATE_ARTIFACT                                                      the artifact's name
set -euo pipefail
export LC_ALL=C # sizes and patterns are of bytes

marker='<!-- paygrade:gate -->'
author='github-actions[bot]'
most_zip=$((5 * 1024 * 1024))
most_text=$((256 * 1024))
most_comment=65000 # GitHub takes 65,536 characters

refuse() {
    printf '::error title=paygrade comment::%s\n' "$1"
    exit 1
}

leave() {
    printf '::notice title=paygrade comment::%s\n' "$1"
    exit 0
}

[[ ${GITHUB_REPOSITORY:?} =~ ^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$ ]] || refuse 'GITHUB_REPOSITORY is not OWNER/NAME'
[[ ${GITHUB_TOKEN:?} =~ ^[A-Za-z0-9._-]+$ ]] || refuse 'GITHUB_TOKEN is not a token'
[[ ${GITHUB_SERVER_URL:?} =~ ^https?://[A-Za-z0-9.:-]+$ ]] || refuse 'GITHUB_SERVER_URL is not an address'
[[ ${RUN_ID:?} =~ ^[0-9]+$ ]] || refuse 'RUN_ID is not a number'
[[ ${RUN_HEAD_SHA:?} =~ ^[0-9a-f]{40,64}$ ]] || refuse 'RUN_HEAD_SHA is not a commit'
[[ ${RUN_HEAD_REPOSITORY:-} =~ ^[0-9]+$ ]] || leave 'The repository that the run was about is gone.'
[[ ${RUN_CONCLUSION:?} =~ ^[a-z_]+$ ]] || refuse 'RUN_CONCLUSION is not a word'
[[ ${GATE_ARTIFACT:?} =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || refuse 'input artifact: letters, digits, dots, dashes and underscores'

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
(umask 077 && printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" >"$work/secret")
url=${GITHUB_API_URL:?}/repos/$GITHUB_REPOSITORY
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$RUN_ID

request() {
    curl --config "$work/secret" --silent --show-error --max-time 60 --proto '=http,https' \
        --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' "$@"
}

# get PATH: the JSON of the answer, into the file `answer`.
get() {
    request --fail --retry 3 --output "$work/answer" "$url$1" || refuse 'GitHub did not answer'
}

# write METHOD PATH: sends the file `payload`.
write() {
    request --fail --request "$1" --header 'Content-Type: application/json' \
        --data-binary "@$work/payload" --output /dev/null "$url$2"
}

# The artifact: of this run, of this name, the newest, and small.
get "/actions/runs/$RUN_ID/artifacts?per_page=100&name=$GATE_ARTIFACT"
found=$(jq --raw-output --arg name "$GATE_ARTIFACT" \
    '[.artifacts[] | select(.name == $name and .expired == false)] | sort_by(.created_at) | last
     | select(. != null) | "\(.id) \(.size_in_bytes)"' "$work/answer")
[ -n "$found" ] || leave 'The run left no report.'
read -r artifact size <<<"$found"
[[ $artifact =~ ^[0-9]+$ && $size =~ ^[0-9]+$ ]] || refuse 'the artifact has no number or no size'
[ "$size" -le "$most_zip" ] || refuse 'the artifact is too large'

code=0
request --fail --location --max-redirs 3 --proto-redir '=http,https' "$url/actions/artifacts/$artifact/zip" |
    head -c "$((most_zip + 1))" >"$work/zip" || code=$?
fetched=$(wc -c <"$work/zip")
[ "$fetched" -le "$most_zip" ] || refuse 'the artifact is larger than it says'
[ "$code" -eq 0 ] || refuse 'the artifact could not be fetched'

# part NAME BYTES: the first bytes of one file of the artifact. `-p` writes no file, whatever its name.
part() {
    unzip -p "$work/zip" "$1" 2>/dev/null </dev/null | head -c "$2" || true
}

# The pull request: a number, and GitHub must agree that the run was about it.
pull=$(part pr.txt 32 | tr -d '\000')
[[ $pull =~ ^[1-9][0-9]{0,9}$ ]] || refuse 'pr.txt does not hold the number of a pull request'
get "/pulls/$pull"
jq --exit-status --arg repository "$RUN_HEAD_REPOSITORY" \
    '(.head.repo.id // "none" | tostring) == $repository' "$work/answer" >/dev/null ||
    refuse 'the run was about another repository than this pull request is from'
jq --exit-status --arg sha "$RUN_HEAD_SHA" '.head.sha == $sha' "$work/answer" >/dev/null ||
    leave 'The run was not about the newest commit of this pull request.'

# clean: standard input without what could reach out of the comment. An invisible space breaks a pattern
# where taking the characters away would change what a reader sees. Bytes below 0x09 stand for what is
# allowed, as the text has none of them by then.
clean() {
    local gap=$'\xe2\x80\x8b' # a space without width
    { iconv --from-code UTF-8 --to-code UTF-8 -c || true; } | tr -d '\000-\010\013-\037\177' | sed -E "
        # no characters that are not seen or turn the line around (C1, soft hyphen, bidi, joiners, tags)
        s/\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe1\xa0\x8e|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]//g
        s/\xef\xbb\xbf|\xf3\xa0[\x80-\x87][\x80-\xbf]//g
        # entities: of punctuation, as paygrade writes them; others could spell what is looked for below
        s/&(amp|lt|gt|quot|nbsp);/\x02\1\x05/g
        s/&#(8203|3[2-9]|4[0-7]|5[89]|6[0-4]|9[1-6]|12[3-6]);/\x01\1\x05/g
        s/&([A-Za-z#])/\&$gap\1/g
        # the link to the run itself
        s,\]\(${run//./[.]}(/attempts/[0-9]+)?\),\x06\1\x05,g
        # HTML: a few tags, without attributes
        s,<(/?)(b|br|code|details|i|sub|summary|sup)( ?/?)>,\x04\1\2\3>,g
        s,<([A-Za-z/!?]),<$gap\1,g
        # mentions, references to issues
        s/@/@$gap/g
        s/#([0-9])/#$gap\1/g
        s/([Gg][Hh])-([0-9])/\1-$gap\2/g
        # links and images: in brackets, by reference, bare
        s/\]([[(:])/]$gap\1/g
        s/!\[/!${gap}[/g
        s,:/,:$gap/,g
        s/([Ww][Ww][Ww])\./\1$gap./g
        # a block of code is text, not a drawing and not a formula
        s/^([[:space:]>*+0-9.)-]*\`{3,})[^\`]*\$/\1/
        s/^([[:space:]>*+0-9.)-]*~{3,}).*\$/\1/
        # what was allowed, back; a punctuation that could begin one of the above gets its space too
        s,\x06([^\x05]*)\x05,]($run\1),g
        s/\x01(35|45|46|47|58|64)\x05/\&#\1;$gap/g
        s/\x01([0-9]+)\x05/\&#\1;/g
        s/\x02([a-z]+)\x05/\&\1;/g
        s/\x04/</g
    "
}

part gate.md "$most_text" | sed "1{/^$marker\r\{0,1\}\$/d;}" | clean >"$work/text"
[ -s "$work/text" ] || leave 'The run left no comment.'

{
    printf '%s\n' "$marker"
    printf '> [This run](%s) was about %s and ended with **%s**. What follows was written by it.\n\n' \
        "$run" "${RUN_HEAD_SHA:0:12}" "$RUN_CONCLUSION"
} >"$work/body"
end=$'\n\nThe rest is cut. The artifact of the run has all of it.\n'
head=$(wc -c <"$work/body")
length=$(wc -c <"$work/text")
room=$((most_comment - head - ${#end}))
if [ "$length" -le "$room" ]; then
    cat "$work/text" >>"$work/body"
else
    head -c "$room" "$work/text" | { iconv --from-code UTF-8 --to-code UTF-8 -c || true; } >>"$work/body"
    printf '%s' "$end" >>"$work/body"
fi
jq --null-input --rawfile body "$work/body" '{body: $body}' >"$work/payload"

# The comment: ours is the one that begins with the marker and was written by the same hand.
comment=
for page in {1..30}; do
    get "/issues/$pull/comments?per_page=100&page=$page"
    comment=$(jq --raw-output --arg author "$author" --arg marker "$marker" \
        '[.[] | select(.user.login == $author and .user.type == "Bot" and (.body // "" | startswith($marker)))]
         | first | .id // empty' "$work/answer")
    [ -z "$comment" ] || break
    many=$(jq length "$work/answer")
    [ "$many" -eq 100 ] || break
done

if [ -n "$comment" ]; then
    [[ $comment =~ ^[0-9]+$ ]] || refuse 'the comment has no number'
    write PATCH "/issues/comments/$comment" || refuse 'the comment could not be updated'
    echo "Updated the comment of pull request $pull."
else
    write POST "/issues/$pull/comments" || refuse 'the comment could not be created'
    echo "Commented on pull request $pull."
fi
