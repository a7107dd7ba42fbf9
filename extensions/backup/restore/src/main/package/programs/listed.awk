# Reads what "restic ls --json" says and prints what is to be restored: "TYPE TAB SIZE TAB SECONDS TAB PATH" for each entry.
# With restic's match.awk; -v includes=FILE -v excludes=FILE. A line break within a name is written as \001, a tab as \002;
# names with other control characters are counted under their JSON text.
BEGIN { in_ = load(includes, inc); out_ = load(excludes, exc) }
/"struct_type":"node"/ {
    path = $0
    sub(/^.*","path":"|^.*"path":"/, "", path)
    # The end of a JSON text is a quote with an even number of backslashes before it.
    value = ""
    for (i = 1; i <= length(path); i++) {
        c = substr(path, i, 1)
        if (c == "\"") break
        if (c == "\\") {
            i++
            d = substr(path, i, 1)
            if (d == "u" && substr(path, i + 1, 4) == "003c") { value = value "<"; i += 4 }
            else if (d == "u" && substr(path, i + 1, 4) == "003e") { value = value ">"; i += 4 }
            else if (d == "u" && substr(path, i + 1, 4) == "0026") { value = value "&"; i += 4 }
            else if (d == "\"" || d == "\\" || d == "/") value = value d
            # As the program restore writes them in its lists.
            else if (d == "n") value = value "\001"
            else if (d == "t") value = value "\002"
            else value = value "\\" d
        } else value = value c
    }
    rest = substr(path, i)
    type = $0
    sub(/^.*"type":"/, "", type)
    sub(/".*$/, "", type)
    if (type == "dir" && in_ > 0 && !fits(value, inc, in_)) next
    if (in_ > 0 && !fits(value, inc, in_)) next
    if (fits(value, exc, out_)) next
    size = 0
    if (match(rest, /"size":[0-9]+/)) size = substr(rest, RSTART + 7, RLENGTH - 7)
    mtime = ""
    if (match(rest, /"mtime":"[^"]*"/)) mtime = substr(rest, RSTART + 9, 19)
    printf "%s\t%s\t%s\t%s\n", type, size, mtime, value
}
