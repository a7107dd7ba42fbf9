# Read by shell programs that work with a repository of restic, after machine.sh. What reaches and opens it lies in CONF as
# files named repository.*, written by the handler. Variables that it sets for itself begin with r_.

# Sets REPOSITORY and exports what restic reads from its environment. Returns 1 and sets WHY when the way is not known.
# The control plane's address is read each time: the agent may have moved to another gateway meanwhile.
repository_open() {
    WHY=
    RESTIC_PASSWORD_FILE=$CONF/repository.password
    # A line on how far it is every ten seconds, not sixty times a second.
    RESTIC_PROGRESS_FPS=${VMEXT_PROGRESS_FPS:-0.1}
    export RESTIC_PASSWORD_FILE RESTIC_PROGRESS_FPS
    if [ -f "$CONF/repository.gateway" ]; then
        IFS= read -r r_file < "$CONF/repository.gateway"
        r_text=
        if [ -r "$r_file" ]; then
            while IFS= read -r r_line || [ -n "$r_line" ]; do r_text=$r_text$r_line; done < "$r_file"
        fi
        r_told url
        r_url=$r_value
        r_told caFile
        GATEWAY_CA=$r_value
        r_told clientCertificateFile
        GATEWAY_CLIENT=$r_value
        if [ -z "$r_url" ]; then
            WHY="the agent has not written the way to the gateway into $r_file"
            return 1
        fi
        IFS= read -r r_line < "$CONF/repository.path"
        REPOSITORY=rest:${r_url%/}$r_line
    else
        IFS= read -r REPOSITORY < "$CONF/repository.url"
        while IFS= read -r r_line; do
            export "$r_line"
        done < "$CONF/repository.environment"
    fi
    RESTIC_REPOSITORY=$REPOSITORY
    export RESTIC_REPOSITORY
    [ ! -e "$CONF/repository.ssh-log" ] || : > "$CONF/repository.ssh-log"
}

# A text out of the JSON in r_text: r_told KEY. Sets r_value.
r_told() {
    r_value=${r_text#*\""$1"\":\"}
    if [ "$r_value" = "$r_text" ]; then r_value=; else r_value=${r_value%%\"*}; fi
}

# restic with the options that the repository needs, and those of the caller: restic_run COMMAND [...]. In place of the shell, so
# that a signal to its process reaches restic itself; call it in the background or in a subshell.
restic_run() {
    r_command=$1
    shift
    set -- --cache-dir "$STATE/cache" "$@"
    if [ -f "$CONF/repository.gateway" ]; then
        set -- --cacert "$GATEWAY_CA" --tls-client-cert "$GATEWAY_CLIENT" "$@"
    else
        # An option and what it is set to, a line each.
        while IFS= read -r r_option && IFS= read -r r_of; do
            set -- "$r_option" "$r_of" "$@"
        done < "$CONF/repository.arguments"
    fi
    setting limits.uploadKiBps 0
    [ "$m_value" = 0 ] || set -- --limit-upload "$m_value" "$@"
    setting limits.downloadKiBps 0
    [ "$m_value" = 0 ] || set -- --limit-download "$m_value" "$@"
    exec restic "$r_command" "$@"
}

# What restic complained about, in one line for people: restic_why FILE. Known causes are said in words first.
restic_why() {
    # What ssh says restic repeats only when it is quick enough.
    [ ! -s "$CONF/repository.ssh-log" ] || sed 's/^/subprocess ssh: /' "$CONF/repository.ssh-log" >> "$1"
    r_said=$(grep -v -e '^$' -e '^unable to create lock in backend: *$' "$1" 2>/dev/null | grep -v -e '^{"message_type":"status"' | tail -n 3 | tr '\n' ' ' | cut -c 1-400)
    if grep -q 'wrong password or no key found' "$1"; then
        printf 'the repository does not open with this password: %s' "$(printable "$r_said")"
    elif grep -q -e 'already locked' "$1"; then
        printf 'the repository is locked by another program: %s' "$(printable "$(grep -m 1 -e 'already locked' "$1" | cut -c 1-300)")"
    elif grep -q -e ' 507 ' -e '(507)' "$1"; then
        printf 'the repository is full (its quota, or the disk it lies on): %s' "$(printable "$r_said")"
    elif grep -q 'no space left on device' "$1"; then
        printf 'a disk is full: %s' "$(printable "$(grep -m 1 'no space left on device' "$1" | cut -c 1-300)")"
    elif grep -q 'Host key verification failed' "$1"; then
        # ssh says a dozen lines; the one that helps names the key that was shown.
        r_key=$(sed -n -e 's/^subprocess ssh: //' -e 's/^\(SHA256:.*[^.]\)\.*$/it showed \1/p' -e '/host key is known for/p' "$1" | head -n 1)
        printf 'the server has a host key that is none of repository.hostKeys, so nothing was sent to it: %s' "$(printable "${r_key:-$r_said}")"
    elif grep -q 'Permission denied (' "$1"; then
        printf 'the server does not let sshKey in: %s' "$(printable "$(grep -m 1 'Permission denied (' "$1" | cut -c 1-300)")"
    elif grep -q 'Is there a repository at the following location' "$1"; then
        printf 'there is no repository there, or it cannot be reached: %s' "$(printable "$r_said")"
    else
        printf '%s' "$(printable "${r_said:-it said nothing}")"
    fi
}

# Whether the repository is there and opens: repository_ready ERRORS [make]. With make a new one is made where there is none. Sets WHY.
repository_ready() {
    repository_open || return 1
    if (restic_run cat --no-lock config) > /dev/null 2> "$1"; then return 0; fi
    # Only an answer that says "nothing is there" makes a new one: behind a broken line there may be one.
    if grep -q -e 'wrong password' "$1"; then WHY=$(restic_why "$1"); return 1; fi
    if grep -q -e 'no such file or directory' -e 'does not exist' "$1" && grep -q 'Is there a repository' "$1"; then
        [ "${2:-}" = make ] || { WHY=$(restic_why "$1"); return 1; }
        if (restic_run init) > /dev/null 2> "$1"; then return 0; fi
    fi
    WHY=$(restic_why "$1")
    return 1
}
