# Reads what "restic ls --json" says and prints what is to be restored: "TYPE TAB SIZE TAB SECONDS TAB PATH" for each entry.
# With restic's match.awk; -v includes=FILE -v excludes=FILE. A line break within a name is written as \001, a tab as \002;
# names with other control characters are counted under their JSON text. -v sums=FILE gets "BYTES FILES FOLDER": of files, how many
# entries are no folders, and the deepest folder that all lie in or are.
BEGIN { in_ = load(includes, inc); out_ = load(excludes, exc) }
/"struct_type":"node"/ {
    # In a name every quote has a backslash before it, so this is the first of its kind; and before it ends the type.
    begins = index($0, "\",\"path\":\"")
    type = substr($0, 1, begins - 1)
    match(type, /[a-z]*$/)
    type = substr(type, RSTART)
    path = substr($0, begins + 10)
    # The end of a JSON text is a quote with an even number of backslashes before it.
    value = ""
    i = index(path, "\"")
    # Most names have nothing that is written in another way.
    if (index(path, "\\") == 0 || index(path, "\\") > i) value = substr(path, 1, i - 1)
    else for (i = 1; i <= length(path); i++) {
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
    if (type == "dir" && in_ > 0 && !fits(value, inc, in_)) next
    if (in_ > 0 && !fits(value, inc, in_)) next
    if (fits(value, exc, out_)) next
    size = 0
    if (match(rest, /"size":[0-9]+/)) size = substr(rest, RSTART + 7, RLENGTH - 7)
    mtime = ""
    if (match(rest, /"mtime":"[^"]*"/)) mtime = substr(rest, RSTART + 9, 19)
    printf "%s\t%s\t%s\t%s\n", type, size, mtime, value
    if (type == "file") bytes += size
    if (type != "dir") files++
    # Compared name by name, and only what is still common.
    if (!seen++) { n = split(value, a, "/"); next }
    k = split(value, b, "/")
    for (i = 1; i <= n && i <= k && a[i] == b[i]; i++);
    n = i - 1
}
END {
    for (i = 2; i <= n; i++) common = common "/" a[i]
    printf "%d %d %s\n", bytes, files, common > sums
}
