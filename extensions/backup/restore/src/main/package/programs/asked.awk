# Of folders, one a line as "./a/b", those that fit one of the patterns in the file "includes". With match.awk.
BEGIN { n = load(includes, list) }
{ if (fits(substr($0, 2), list, n)) print }
