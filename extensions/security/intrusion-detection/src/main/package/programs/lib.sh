# Read by the programs of vmext.IntrusionDetection, which are POSIX shell with the basic tools of Debian. What the settings say comes
# as files of one value per line, and is never put into shell text. Names of files travel as AIDE writes them (%20 for a space), so
# that a name can hold neither spaces nor line breaks. Everything here is for root.
LC_ALL=C
PATH=${VMEXT_INTRUSION_DETECTION_PATH:+$VMEXT_INTRUSION_DETECTION_PATH:}/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077

# For tests: everything below another folder. Units do not pass these variables on.
ROOT=${VMEXT_INTRUSION_DETECTION_ROOT:-}
STATE=$ROOT/var/lib/vmext-intrusion-detection
CONF=$ROOT/etc/vmext-intrusion-detection
RUN=$ROOT/run/vmext-intrusion-detection
BASELINE=$STATE/baseline
WORK=$STATE/work
BIN=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
TAB=$(printf '\t')
NL='
'

now() { date +%s; }
when() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
many() { [ "$1" = 1 ] && printf '1 %s' "$2" || printf '%s %ss' "$1" "$2"; }

# The value in a file of lines "KEY VALUE": field FILE KEY. The shell itself reads: this is asked often, and a process is dear.
field() {
    [ -r "$1" ] || return 0
    while IFS= read -r pair || [ -n "$pair" ]; do
        case $pair in "$2 "*) printf '%s\n' "${pair#"$2 "}"; return 0 ;; esac
    done < "$1"
}

# One number or word of the settings: value KEY DEFAULT.
value() {
    v=$(field "$CONF/values" "$1")
    printf '%s\n' "${v:-$2}"
}

# How many lines a file has, or those of them that name a file in a database; 0 where there is none.
lines_of() { if [ -f "$1" ]; then wc -l < "$1"; else echo 0; fi; }
entries_of() { awk '/^\// { n++ } END { print n + 0 }' "$1" 2>/dev/null || echo 0; }

# Replaces a file by standard input, so that a reader sees the old or the new one: replace FILE.
replace() {
    cat > "$1.new.$$" && mv -f -- "$1.new.$$" "$1" || { rm -f -- "$1.new.$$"; return 1; }
}

# Adds to a counter of the file totals: count KEY NUMBER. Callers hold a lock; each of them has keys of its own file.
count() {
    t=$(field "$3" "$1")
    { grep -v "^$1 " "$3" 2>/dev/null; printf '%s %s\n' "$1" $((${t:-0} + $2)); } | replace "$3"
}

# Text from outside on one line, valid UTF-8 and without control characters.
printable() { printf '%s' "$1" | tr '\001-\037\177' '?' | iconv -c -f UTF-8 -t UTF-8 2>/dev/null || printf '(text that cannot be shown)'; }

shorter() {
    s=$(printable "$1")
    if [ "${#s}" -gt "$2" ]; then
        # The end of a path tells more than its beginning; the digest keeps two long paths apart.
        d=$(printf '%s' "$1" | sha256sum | cut -c 1-12)
        t=$(printf '%s' "$s" | tail -c $(($2 - 20)))
        s="...$d...$(printable "$t")"
    fi
    printf '%s' "$s"
}

# A finding for the agent: finding TYPE SUBJECT [--resolved] [--title T] [--evidence K=V]...
finding() {
    folder=$(head -n 1 "$STATE/events-folder" 2>/dev/null)
    [ -n "$folder" ] && [ -d "$folder" ] || return 0
    type=$1
    subject=$(shorter "$2" 480)
    shift 2
    /bin/sh "$BIN/vmext-finding" "$folder" "$type" "$subject" "$@" || echo "a finding could not be written: $type" >&2
}

# Something could not be done, or can be done again: failing WHAT WHY, working WHAT. Told once.
failing() {
    printf 'cannot do the %s: %s\n' "$1" "$2" >&2
    mkdir -p -- "$STATE/failing"
    [ "$(cat "$STATE/failing/$1" 2>/dev/null)" != "$2" ] || return 0
    printf '%s\n' "$2" | replace "$STATE/failing/$1"
    finding check-failed "$1" --title "The $1 could not be done" --evidence "why=$(shorter "$2" 480)"
}
working() {
    [ -e "$STATE/failing/$1" ] || return 0
    finding check-failed "$1" --resolved
    rm -f -- "$STATE/failing/$1"
}

# The real name of standard input's, each ended by a zero byte; and the regular expression that fits exactly these.
decode_names() {
    awk 'BEGIN { for (i = 1; i < 256; i++) byte[sprintf("%02X", i)] = sprintf("%c", i) }
        { name = $1; out = ""
          while (match(name, /%[0-9A-F][0-9A-F]/)) { out = out substr(name, 1, RSTART - 1) byte[substr(name, RSTART + 1, 2)]; name = substr(name, RSTART + 3) }
          printf "%s%s%c", out, name, 0 }'
}
decoded() { printf '%s\n' "$1" | decode_names | tr -d '\000'; }

# What AIDE does to names: letters, digits and these signs stay.
ENCODE='
    function prepare(    i, c) {
        for (i = 1; i < 256; i++) { c = sprintf("%c", i); code[c] = c ~ /[A-Za-z0-9!$&()*+\/=?_.;-]/ ? c : sprintf("%%%02X", i) }
        code["\001"] = "%0A"
    }
    function encoded(s,    i, out) {
        if (s !~ /[^A-Za-z0-9!$&()*+\/=?_.;-]/) return s
        for (i = 1; i <= length(s); i++) out = out code[substr(s, i, 1)]
        return out
    }'

# Every watched file on one line, sorted: its name, then what the file system knows of it. Any change of a file changes its line,
# because nobody can set the change time (ctime). Only names and numbers are read, no content.
inventory() {
    set --
    while IFS= read -r path; do
        if [ -e "$ROOT$path" ] || [ -L "$ROOT$path" ]; then set -- "$@" "$ROOT$path"; fi
    done < "$CONF/watch"
    [ $# -gt 0 ] || return 0
    set -- "$@" -regextype posix-extended
    while IFS= read -r pattern; do
        set -- "$@" -regex "$ROOT$pattern" -prune -o
    done < "$CONF/exclude"
    # A file that goes away meanwhile is no failure; find says so and goes on.
    find "$@" -printf '%y %i %s %m %U %G %C@ %T@ %p\0' 2> "$WORK/find.err" | tr '\n\000' '\001\n' | awk "$ENCODE"'
        BEGIN { prepare() }
        { rest = $0; for (i = 0; i < 8; i++) rest = substr(rest, index(rest, " ") + 1)
          print encoded(rest), $1, $2, $3, $4, $5, $6, $7, $8 }' | sort -u
}

# Whether apt or dpkg is at work: it holds its lock.
packages_busy() {
    for lock in "$ROOT/var/lib/dpkg/lock-frontend" "$ROOT/var/lib/dpkg/lock"; do
        inode=$(stat -c %i -- "$lock" 2>/dev/null) || continue
        if awk -v inode="$inode" '{ n = split($6, part, ":"); if (part[n] == inode) held = 1 } END { exit !held }' "${VMEXT_INTRUSION_DETECTION_LOCKS:-/proc/locks}"; then return 0; fi
    done
    return 1
}

publish() {
    /bin/sh "$BIN/vmext-status" vmext.IntrusionDetection "$STATE/status-file" "$RUN/publish.lock" /bin/sh "$BIN/report" ||
        echo 'the status could not be written' >&2
}
