# Read by the programs of vmext.Access, which are POSIX shell with the basic tools of Debian. What the settings say comes as files, one
# value in each, and is never put into shell text. Everything here is for root.
LC_ALL=C.UTF-8
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
umask 077

STATE=/var/lib/vmext-access
WANTED=$STATE/wanted
RECORDS=$STATE/accounts
HOMES=$STATE/homes
WORK=$STATE/work
KEYS=/etc/vmext-access/keys
SUDOERS=/etc/sudoers.d/vmext-access
SSHD=/etc/ssh/sshd_config.d/00-vmext-access.conf
BIN=$STATE/bin
NL='
'

# The first line of a small file, or a default, as V: value FILE [DEFAULT]. No process is begun for it: there are many of them.
value() {
    V=
    if [ -f "$1" ]; then IFS= read -r V < "$1" || :; fi
    V=${V:-${2:-}}
}
is() { value "$1" "$3"; [ "$V" = "$2" ]; }

# Replaces a file by standard input, so that a reader sees the old or the new one: replace FILE MODE.
replace() {
    r=${1%/*}/.${1##*/}.new
    rm -f -- "$r"
    { cat > "$r" && chmod "$2" "$r" && sync "$r" && mv -f -- "$r" "$1"; } || { rm -f -- "$r"; return 1; }
}

# Remembers one thing about an account: remember NAME KEY VALUE.
remember() {
    mkdir -p -- "$RECORDS/$1"
    printf '%s\n' "$3" | replace "$RECORDS/$1/$2" 600
}
known() { value "$RECORDS/$1/$2" "${3:-}"; }

# An account's line in passwd as P_UID, P_GID, P_COMMENT, P_HOME, P_SHELL, and in shadow as S_HASH, S_EXPIRES. Fails without one.
passwd_of() {
    P=$(getent passwd "$1") || { P_NAME='' P_UID='' P_GID='' P_COMMENT='' P_HOME='' P_SHELL=''; return 1; }
    IFS=: read -r P_NAME P_HASH P_UID P_GID P_COMMENT P_HOME P_SHELL <<LINE
$P
LINE
}
shadow_of() {
    S=$(getent shadow "$1") || { S_NAME='' S_HASH='' S_EXPIRES=''; return 1; }
    IFS=: read -r S_NAME S_HASH S_LAST S_MIN S_MAX S_WARN S_INACTIVE S_EXPIRES S_REST <<LINE
$S
LINE
}

# A finding for the agent: finding TYPE SUBJECT [--resolved] [--title T] [--evidence K=V]...
finding() {
    value "$STATE/events-folder"
    folder=$V
    [ -n "$folder" ] && [ -d "$folder" ] || return 0
    /bin/sh "$BIN/vmext-finding" "$folder" "$@" || echo "a finding could not be written: $1" >&2
}

# Opens a finding once, and resolves it once: told TYPE SUBJECT WHY TITLE, untold TYPE SUBJECT.
told() {
    t=$STATE/told/$1~$(printf '%s' "$2" | tr ' /' '~~')
    mkdir -p -- "$STATE/told"
    [ "$(cat "$t" 2>/dev/null)" != "$2$NL$3" ] || return 0
    printf '%s\n%s\n' "$2" "$3" | replace "$t" 600
    finding "$1" "$2" --title "$4" --evidence "what=$3"
}
untold() {
    t=$STATE/told/$1~$(printf '%s' "$2" | tr ' /' '~~')
    [ -e "$t" ] || return 0
    finding "$1" "$2" --resolved
    rm -f -- "$t"
}

# Runs a program that changes the machine. Where it refuses, its words are kept for whoever asked: run SUBJECT PROGRAM...
run() {
    run_subject=$1
    shift
    run_words=$("$@" 2>&1 < /dev/null) && return 0
    failed "$run_subject" "$1 refused: $(printf '%s' "$run_words" | tail -n 3 | tr '\n' ' ')"
    return 1
}
failed() {
    printf 'cannot set up %s: %s\n' "$1" "$2" | tee -a "$WORK/failed" >&2
}

# Processes of a user id, and their end. What an account leaves running would belong to whoever gets its number next.
processes_of() {
    awk -v uid="$1" '/^State:/ { dead = $2 == "Z" } !dead && /^Uid:/ && ($2 == uid || $3 == uid || $4 == uid) { split(FILENAME, p, "/"); print p[3] }' /proc/[0-9]*/status 2>/dev/null
}
end_sessions() {
    [ ! -d /run/systemd/system ] || loginctl terminate-user "$1" > /dev/null 2>&1 || :
    tries=0
    while pids=$(processes_of "$2") && [ -n "$pids" ] && [ "$tries" -lt 50 ]; do
        # shellcheck disable=SC2086
        kill -KILL $pids 2>/dev/null || :
        tries=$((tries + 1))
        sleep 0.1
    done
}
