# Read by the programs of vmext.Certificates, which are POSIX shell with openssl and the basic tools of Debian. What the settings say
# comes as files of one value per line, and is never put into shell text. Everything here is for root.
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077

# For tests: everything below another folder. Units do not pass this variable on.
ROOT=${VMEXT_CERTIFICATES_ROOT:-}
STATE=$ROOT/var/lib/vmext-certificates
CONF=$ROOT/etc/vmext-certificates
RUN=$ROOT/run/vmext-certificates
WANTED=$CONF/wanted
LIVE=$CONF/live
STORE=$CONF/store
OPEN=$STATE/open
BIN=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
NL='
'

now() { date +%s; }
when() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

# One number or word of a file of lines "key value": field FILE KEY.
field() { sed -n "s/^$2 //p" "$1" 2>/dev/null | head -n 1; }

# Replaces a file by standard input, so that a reader sees the old or the new one: replace FILE.
replace() {
    cat > "$1.new.$$" && mv -f -- "$1.new.$$" "$1" || { rm -f -- "$1.new.$$"; return 1; }
}

# Text from outside on one line, valid UTF-8 and without control characters.
printable() { printf '%s' "$1" | tr '\001-\037\177' ' ' | head -c 480 | iconv -c -f UTF-8 -t UTF-8 2>/dev/null; }
last_words() { printable "$(grep -v '^[[:space:]]*$' "$1" 2>/dev/null | tail -n 3 | tr '\n' ' ')"; }

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

# Writes what report says as the status, when no handler runs.
publish() {
    /bin/sh "$BIN/vmext-status" vmext.Certificates "$STATE/status-file" "$RUN/publish.lock" /bin/sh "$BIN/report" ||
        echo 'the status could not be written' >&2
}

# When a certificate begins and ends, in seconds since 1970: begins FILE, ends FILE. Empty when it cannot be read.
begins() { moment "$(openssl x509 -in "$1" -noout -startdate 2>/dev/null)"; }
ends() { moment "$(openssl x509 -in "$1" -noout -enddate 2>/dev/null)"; }
moment() { [ -z "$1" ] || date -d "${1#*=}" +%s; }

# The names of a certificate, sorted, one a line, as the settings write them: names_of FILE.
names_of() {
    openssl x509 -in "$1" -noout -ext subjectAltName 2>/dev/null | sed -n 's/^ *\(DNS:\|IP Address:\)/\1/p' | tr ',' '\n' \
        | sed -n 's/^ *DNS://p; s/^ *IP Address://p' | tr 'A-F' 'a-f' | sort -u
}

# From when a certificate is to be renewed: renew_from NAME. Without a setting when a third of its life is left.
renew_from() {
    days=$(field "$WANTED/$1/values" renewBeforeDays)
    last=$(ends "$LIVE/$1/cert.pem")
    first=$(begins "$LIVE/$1/cert.pem")
    third=$(((last - first) / 3))
    before=$((${days:-0} * 86400))
    # More than most of its life would renew it for ever.
    if [ "$before" = 0 ] || [ $before -ge $(((last - first) * 9 / 10)) ]; then before=$third; fi
    echo $((last - before))
}
