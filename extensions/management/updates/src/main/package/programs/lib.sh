# Read by the programs of vmext.Updates, which are POSIX shell with the basic tools of Debian. What the settings say comes
# as files of one value per line, and is never put into shell text. Everything here is for root.
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
DEBIAN_FRONTEND=noninteractive
export LC_ALL PATH DEBIAN_FRONTEND
umask 077

STATE=/var/lib/vmext-updates
CONF=/etc/vmext-updates
RUN=/run/vmext-updates
OPEN=$STATE/open
BIN=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
NL='
'
TAB='	'

now() { date +%s; }
when() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

# One number or word of the settings: value KEY DEFAULT.
value() {
    v=$(sed -n "s/^$1 //p" "$CONF/values" 2>/dev/null | head -n 1)
    printf '%s\n' "${v:-$2}"
}

# The same of a file that a program wrote: field FILE KEY.
field() { sed -n "s/^$2 //p" "$1" 2>/dev/null | head -n 1; }

# Replaces a file by standard input, so that a reader sees the old or the new one: replace FILE.
replace() {
    cat > "$1.new.$$" && mv -f -- "$1.new.$$" "$1" || { rm -f -- "$1.new.$$"; return 1; }
}

# Text from outside on one line, valid UTF-8 and without control characters: printable TEXT [BYTES].
printable() { printf '%s' "$1" | tr '\001-\037\177' ' ' | head -c "${2:-480}" | iconv -c -f UTF-8 -t UTF-8 2>/dev/null; }

# The last lines that say something: last_words FILE.
last_words() { printable "$(grep -v '^[[:space:]]*$' "$1" 2>/dev/null | grep -v '^W: ' | tail -n 3 | tr '\n' '/' | sed 's,/$,,; s,/, / ,g')"; }

# A finding for the agent: finding TYPE SUBJECT [--resolved] [--title T] [--evidence K=V]...
finding() {
    folder=$(head -n 1 "$STATE/events-folder" 2>/dev/null)
    [ -n "$folder" ] && [ -d "$folder" ] || return 0
    /bin/sh "$BIN/vmext-finding" "$folder" "$@" || echo "a finding could not be written: $1" >&2
}

# What is open is remembered, so that it can be resolved later. Told again only when what it says changed.
open_finding() {
    key=$1
    mkdir -p -- "$OPEN"
    said=$(printf '%s\n' "$@" | sha256sum | cut -d ' ' -f 1)
    [ "$(sed -n 3p "$OPEN/$key" 2>/dev/null)" != "$said" ] || return 0
    printf '%s\n%s\n%s\n' "$2" "$3" "$said" | replace "$OPEN/$key"
    shift
    finding "$@"
}

resolve_finding() {
    [ -e "$OPEN/$1" ] || return 0
    finding "$(sed -n 1p "$OPEN/$1")" "$(sed -n 2p "$OPEN/$1")" --resolved
    rm -f -- "$OPEN/$1"
}

# Whether a text matches one of the patterns of a file, one per line: matches FILE TEXT.
matches() {
    while IFS= read -r pattern; do
        # Unquoted on purpose: it is a pattern.
        # shellcheck disable=SC2254
        case $2 in $pattern) return 0 ;; esac
    done < "$1"
    return 1
}

# One program at a time works with packages for us: turn SECONDS. Others are kept out by the package manager's own locks.
turn() {
    mkdir -p -- "$RUN"
    exec 4> "$RUN/lock"
    flock -w "$1" 4
}

# Writes what report says as the status, when no handler runs.
publish() {
    /bin/sh "$BIN/vmext-status" vmext.Updates "$STATE/status-file" "$RUN/publish.lock" /bin/sh "$BIN/report" ||
        echo 'the status could not be written' >&2
}

# The package manager of this machine: refresh, list_updates, install_updates. Only apt is there; dnf is to have the same words.
. "$BIN/manager-$(value manager apt)"
