# Patterns of restic, as regular expressions: an absolute one means a path and all below it, another one any part of a path that
# fits. * and ? stay within one name, ** covers any number of folders.
function expression(pattern,    i, c, out, end) {
    out = ""
    for (i = 1; i <= length(pattern); i++) {
        c = substr(pattern, i, 1)
        if (substr(pattern, i, 3) == "**/") { out = out "(.*/)?"; i += 2 }
        else if (substr(pattern, i, 2) == "**") { out = out ".*"; i++ }
        else if (c == "*") out = out "[^/]*"
        else if (c == "?") out = out "[^/]"
        else if (c == "[") {
            end = index(substr(pattern, i + 2), "]")
            if (end == 0) out = out "\\["
            else { out = out "[" (substr(pattern, i + 1, 1) == "^" ? "^" : substr(pattern, i + 1, 1)) substr(pattern, i + 2, end - 1) "]"; i += end + 1 }
        }
        else if (c == "\\") { i++; out = out literal(substr(pattern, i, 1)) }
        else out = out literal(c)
    }
    if (out == "/") return "^/"
    return (substr(pattern, 1, 1) == "/" ? "^" : "(^|/)") out "(/|$)"
}
function literal(c) { return index("\\^$.[]|()*+?{}", c) ? "\\" c : c }
function load(file, into,    n, line) {
    n = 0
    while ((getline line < file) > 0) if (line != "") into[++n] = expression(line)
    close(file)
    return n
}
function fits(path, list, n,    i) {
    for (i = 1; i <= n; i++) if (path ~ list[i]) return 1
    return 0
}
