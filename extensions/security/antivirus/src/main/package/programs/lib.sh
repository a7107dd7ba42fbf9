# Read by the programs of vmext.Antivirus, which are POSIX shell with the basic tools of Debian. What the settings say comes
# as files of one value per line, and is never put into shell text. Everything here is for root.
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077

# For tests: everything below another folder. Units do not pass this variable on.
ROOT=${VMEXT_ANTIVIRUS_ROOT:-}
STATE=$ROOT/var/lib/vmext-antivirus
CONF=$ROOT/etc/vmext-antivirus
RUN=$ROOT/run/vmext-antivirus
QUARANTINE=$STATE/quarantine
OPEN=$STATE/open
BIN=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
NL='
'

now() { date +%s; }

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

# Text from outside on one line, valid UTF-8 and without control characters.
printable() { printf '%s' "$1" | tr '\001-\037\177' '?' | iconv -c -f UTF-8 -t UTF-8 2>/dev/null || printf '(a name that cannot be shown)'; }

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

# What is open is remembered, so that it can be resolved later: open_finding KEY TYPE SUBJECT [...].
open_finding() {
    key=$1
    mkdir -p -- "$OPEN"
    { printf '%s\n' "$2"; printf '%s' "$3" | base64 -w 0; echo; } | replace "$OPEN/$key"
    shift
    finding "$@"
}

resolve_finding() {
    [ -e "$OPEN/$1" ] || return 0
    type=$(sed -n 1p "$OPEN/$1")
    subject=$(sed -n 2p "$OPEN/$1" | base64 -d; echo x)
    finding "$type" "${subject%x}" --resolved
    rm -f -- "$OPEN/$1"
}

# Calls a function or program with every folder that holds signatures as -d FOLDER before its other arguments.
with_signatures() {
    what=$1
    shift
    for folder in "$STATE/own" "$STATE/db" "$STATE"/accepted/*/; do
        if has_signatures "$folder"; then set -- -d "${folder%/}" "$@"; fi
    done
    "$what" "$@"
}

SIGNATURE_FILES='hdb hsb mdb msb ndb ldb pdb gdb wdb crb cdb cbc idb ftm yar yara ign2 fp sfp cvd cld cud'
has_signatures() {
    for suffix in $SIGNATURE_FILES; do
        for file in "$1"/*."$suffix"; do
            if [ -s "$file" ]; then return 0; fi
        done
    done
    return 1
}

# Those that look for something that is there: not the extension's own test signature, not lists of exceptions.
real_signatures() { has_signatures "$STATE/db" || [ -n "$(find "$STATE/accepted" -type f ! -name .accepted 2>/dev/null | head -n 1)" ]; }

# When the newest signatures were made, as far as that can be known: containers of ClamAV say so, else when they came here.
signatures_made() {
    newest=0
    set --
    for file in "$STATE"/db/* "$STATE"/accepted/*/.accepted; do
        [ -f "$file" ] || continue
        case $file in
            *.cvd | *.cld)
                t=$(head -c 512 -- "$file" | tr -d '\000' | cut -d : -f 9 | tr -dc '0-9')
                if [ "${t:-0}" -gt "$newest" ]; then newest=$t; fi
                ;;
            *.dat) ;;
            *) set -- "$@" "$file" ;;
        esac
    done
    if [ $# -gt 0 ]; then
        for t in $(stat -c %Y -- "$@"); do
            if [ "$t" -gt "$newest" ]; then newest=$t; fi
        done
    fi
    echo "$newest"
}

# The rules of AppArmor that Debian has for freshclam and clamd know only Debian's own folders. Units limit ours instead.
unconfined() {
    if command -v aa-exec > /dev/null && [ -e /sys/kernel/security/apparmor/profiles ]; then aa-exec -p unconfined -- "$@"; else "$@"; fi
}

# clamd reads one folder, so everything is linked together in one.
link_signatures() {
    mkdir -p -- "$STATE/clamd.new" && chmod 755 -- "$STATE/clamd.new" || return 1
    for file in "$STATE"/own/* "$STATE"/db/* "$STATE"/accepted/*/*; do
        [ -f "$file" ] || continue
        case $file in
            *.dat) continue ;;
            "$STATE"/accepted/*) provider=${file#"$STATE/accepted/"}; name=${provider%%/*}-${file##*/} ;;
            *) name=${file##*/} ;;
        esac
        ln -sf -- "$file" "$STATE/clamd.new/$name"
    done
    rm -rf -- "$STATE/clamd"
    mv -T -- "$STATE/clamd.new" "$STATE/clamd"
}

reload_daemon() {
    [ -S "$ROOT/run/vmext-antivirus-clamd/clamd.sock" ] || return 0
    link_signatures && clamdscan --config-file="$CONF/clamd.conf" --reload
}

publish() {
    /bin/sh "$BIN/vmext-status" vmext.Antivirus "$STATE/status-file" "$RUN/publish.lock" /bin/sh "$BIN/report" ||
        echo 'the status could not be written' >&2
}
