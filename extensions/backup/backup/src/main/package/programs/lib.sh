# Read by the programs of vmext.Backup: everything of one installation lies in the folder above the one they are in.
STATE=$(CDPATH='' cd -- "${0%/*}/.." && pwd -P)
. "$STATE/bin/machine.sh"
. "$STATE/bin/repository.sh"
WORK=$STATE/work
DUMPS=$STATE/dumps

# Takes away the snapshots of file systems that a run noted before it made them. For a moment after the end of what was mounted of
# them they still count as used.
take_snapshots_away() {
    [ -e "$STATE/snapshots" ] || return 0
    while IFS=' ' read -r kind_of what; do
        for again in 1 2 3 4 5 6 7 8 9 10; do
            case $kind_of in
                lvm)
                    lvs -- "$what" > /dev/null 2>&1 < /dev/null || break
                    lvremove -q -f -- "$what" > /dev/null 2>&1 < /dev/null && break
                    ;;
                btrfs)
                    [ -d "$what" ] || break
                    btrfs subvolume delete -- "$what" > /dev/null 2>&1 && break
                    ;;
            esac
            [ "$again" != 10 ] || { echo "the snapshot $what stays: it cannot be deleted" >&2; break; }
            sleep 1 9>&-
        done
    done < "$STATE/snapshots"
    rm -f -- "$STATE/snapshots"
}

# The post hook and the dumps are owed from before the pre hook begins until this is done, however the backup ends: what the pre hook
# froze is thawed always. after_backup OUTCOME. Returns 1 and sets WHY when the post hook failed.
after_backup() {
    code=0
    if [ -e "$STATE/owed" ]; then
        if [ -f "$CONF/hooks/post" ]; then
            VMEXT_BACKUP_OUTCOME=$1 timeout -k 10 "$(value hooks.timeoutSec 600)" /bin/sh "$CONF/hooks/post" > "$STATE/post.out" 2>&1 < /dev/null 9>&- || {
                code=$?
                WHY="the hook after the backup ended with $code: $(short "$(tail -n 3 "$STATE/post.out" | tr '\n' ' ')" 300)"
                code=1
            }
        fi
        take_snapshots_away
        # In this order, for whoever is cut off in between.
        rm -rf -- "${DUMPS:?}" "$STATE/owed"
    fi
    return "$code"
}

# Adds one to the count of an outcome, and what was read, stored and needed.
count() {
    totals=
    for key in good incomplete failed stopped; do
        lookup "$STATE/totals" "$key" || :
        [ "$key" != "$1" ] || m_value=$((${m_value:-0} + 1))
        totals="$totals$key ${m_value:-0}$NL"
    done
    for key in read added; do
        lookup "$STATE/totals" "$key" || :
        total=${m_value:-0}
        lookup "$STATE/last" "$key" || :
        totals="$totals$key $((total + ${m_value:-0}))$NL"
    done
    keep "$STATE/totals" "$totals"
}

# What somebody waits for: now_is STATE. Not written again when it is known to be under way.
now_is() {
    [ "$kind" = now ] || return 0
    setting now ''
    word=$m_value
    if [ "$1" = running ] && lookup "$STATE/now" id && [ "$m_value" = "$word" ] && lookup "$STATE/now" state && [ "$m_value" = begun ]; then return 0; fi
    keep "$STATE/now" "id $word${NL}state $1$NL"
}
