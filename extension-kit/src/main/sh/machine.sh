# Read by shell programs of extensions: texts, files of one value per line, findings, and the status when no handler runs. POSIX
# shell with the basic tools of Debian. Whoever reads it has set STATE, the folder with bin/ and conf/ of one installation.
# Variables that it sets for itself begin with m_. What settings say comes as files, and is never put into shell text. Everything here is for root.
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077
CONF=$STATE/conf
BIN=$STATE/bin
OPEN=$STATE/open
NL='
'

now() { date +%s; }

when() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

# Looks up a key in a file of "key value" lines: lookup FILE KEY. Sets m_value. Read here, without a program: it is done often.
lookup() {
    m_value=
    [ -r "$1" ] || return 1
    while IFS=' ' read -r m_key m_rest || [ -n "$m_key" ]; do
        if [ "$m_key" = "$2" ]; then
            m_value=$m_rest
            return 0
        fi
    done < "$1"
    return 1
}

# The value of a key in a file of "key value" lines: field FILE KEY.
field() { if lookup "$1" "$2"; then printf '%s\n' "$m_value"; fi; }

# One number or word of the settings: setting KEY DEFAULT. Sets m_value.
setting() {
    lookup "$CONF/values" "$1" || :
    m_value=${m_value:-$2}
}

# The same as output: value KEY DEFAULT.
value() {
    setting "$1" "$2"
    printf '%s\n' "$m_value"
}

# Replaces a file by standard input, so that a reader sees the old or the new one: replace FILE.
replace() {
    cat > "$1.new.$$" && mv -f -- "$1.new.$$" "$1" || { rm -f -- "$1.new.$$"; return 1; }
}

# The same with a text at hand, and with one program: keep FILE TEXT.
keep() {
    printf '%s' "$2" > "$1.new.$$" && mv -f -- "$1.new.$$" "$1" || { rm -f -- "$1.new.$$"; return 1; }
}

# Text from outside on one line, valid UTF-8 and without control characters.
printable() {
    case $1 in
        *[!\ -~]*) printf '%s' "$1" | tr '\001-\037\177' ' ' | iconv -c -f UTF-8 -t UTF-8 2>/dev/null || printf '(a text that cannot be shown)' ;;
        *) printf '%s' "$1" ;;
    esac
}

# The beginning of a text: short TEXT BYTES.
short() { printable "$(printf '%s' "$1" | head -c "$2")"; }

# Bytes for people.
size() {
    m_bytes=${1:-0}
    m_divisor=1
    for m_unit in B KiB MiB GiB TiB PiB; do
        [ $((m_bytes / m_divisor)) -ge 1024 ] && [ "$m_unit" != PiB ] || break
        m_divisor=$((m_divisor * 1024))
    done
    if [ "$m_divisor" = 1 ]; then
        printf '%s B' "$m_bytes"
    else
        m_tenths=$(((m_bytes * 10 + m_divisor / 2) / m_divisor))
        printf '%s.%s %s' $((m_tenths / 10)) $((m_tenths % 10)) "$m_unit"
    fi
}

# A finding for the agent: finding TYPE SUBJECT [--resolved] [--title T] [--evidence K=V]...
finding() {
    m_events=$(head -n 1 "$STATE/events-folder" 2>/dev/null)
    [ -n "$m_events" ] && [ -d "$m_events" ] || return 0
    /bin/sh "$BIN/vmext-finding" "$m_events" "$@" --installation "$(value installation installation)" || echo "a finding could not be written: $1" >&2
}

# What is open is remembered, so that it can be resolved later: open_finding TYPE SUBJECT [...].
open_finding() {
    mkdir -p -- "$OPEN"
    printf '%s\n' "$2" | replace "$OPEN/$1"
    finding "$@"
}

resolve_finding() {
    [ -e "$OPEN/$1" ] || return 0
    finding "$1" "$(head -n 1 "$OPEN/$1")" --resolved
    rm -f -- "$OPEN/$1"
}

# Writes what the program report says as the handler's status file. Does nothing while the installation is disabled.
publish() {
    setting extension extension
    /bin/sh "$BIN/vmext-status" "$m_value" "$STATE/status-file" "$STATE/publish.lock" /bin/sh "$BIN/report" || echo 'the status could not be written' >&2
}
