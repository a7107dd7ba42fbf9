# Read by the programs of vmext.Backup: everything of one installation lies in the folder above the one they are in.
STATE=$(CDPATH='' cd -- "${0%/*}/.." && pwd -P)
. "$STATE/bin/machine.sh"
. "$STATE/bin/repository.sh"
WORK=$STATE/work
DUMPS=$STATE/dumps

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
        rm -rf -- "${DUMPS:?}"
        rm -f -- "$STATE/owed"
    fi
    return "$code"
}

# Adds one to the count of an outcome, and what was read, stored and needed.
count() {
    {
        for key in good incomplete failed stopped; do
            lookup "$STATE/totals" "$key" || :
            [ "$key" != "$1" ] || m_value=$((${m_value:-0} + 1))
            printf '%s %s\n' "$key" "${m_value:-0}"
        done
        for key in read added; do
            lookup "$STATE/totals" "$key" || :
            total=${m_value:-0}
            lookup "$STATE/last" "$key" || :
            printf '%s %s\n' "$key" "$((total + ${m_value:-0}))"
        done
    } | replace "$STATE/totals"
}

# What somebody waits for: now_is STATE.
now_is() {
    [ "$kind" != now ] || printf 'id %s\nstate %s\n' "$(value now "")" "$1" | replace "$STATE/now"
}
