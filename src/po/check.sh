#!/bin/sh
# Is the Dutch complete? Takes the words out of the sources again and compares: check.sh ROOT.
# Nothing may be missing, untranslated, fuzzy or left over, and formats must fit.
set -eu
LC_ALL=C
export LC_ALL
po=$1/src/po/nl.po
files=$1/src/po/POTFILES
cd "$1"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

# What is in $2, if anything, is wrong.
complain()
{
	[ -s "$2" ] || return 0
	printf '%s\n' "$1" >&2
	cat "$2" >&2
	status=1
}

find src screens -name '*.[ch]' | sort >"$tmp/sources"
xgettext -L C --keyword=_ --keyword=N_ --from-code=UTF-8 --add-location=file --no-wrap \
	-f "$tmp/sources" -o "$tmp/balie.pot"
msgmerge -q -N --no-wrap -o "$tmp/merged.po" "$po" "$tmp/balie.pot"

msgattrib --no-wrap --no-obsolete --untranslated "$tmp/merged.po" | sed "1,/^$/d" >"$tmp/missing"
complain 'These have no Dutch yet:' "$tmp/missing"

msgattrib --no-wrap --only-fuzzy "$po" | sed "1,/^$/d" >"$tmp/fuzzy"
complain 'Nobody has looked at these yet (fuzzy):' "$tmp/fuzzy"

msgattrib --no-wrap --only-obsolete "$tmp/merged.po" | sed "1,/^$/d" >"$tmp/obsolete"
complain 'The program does not say these any more:' "$tmp/obsolete"

sed -n 's/^#: //p' "$tmp/balie.pot" | tr ' ' '\n' | sort -u >"$tmp/named"
sort -u "$files" | comm -23 "$tmp/named" - >"$tmp/absent"
complain 'These sources have words for people and are not in src/po/POTFILES:' "$tmp/absent"

msgfmt -c -o /dev/null "$po" || status=1
exit $status
