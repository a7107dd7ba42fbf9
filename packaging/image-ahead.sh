#!/bin/sh
# Builds the machine image into a folder of images before anybody asks for it: image-ahead.sh IMAGES_FOLDER
# ./check runs it while Maven compiles, which takes one processor, so that the machine's tests find it. It names image and parts as
# ImageBuilder and ImageRecipe do (ImageBuilderTest compares); a failure is said, and the tests then build it themselves or fail for the same reason.
set -eu
images=$1
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
size=2048

id=$(
    {
        for name in build-image customize packages; do
            printf '%s\0%s\0' "$name" "$(wc -c <"$here/image/$name")"
            cat "$here/image/$name"
        done
        printf 'size %s' "$size"
    } | sha256sum | cut -d' ' -f1
)
[ "${2:-}" != --id ] || { echo "$id"; exit; }
[ ! -e "$images/$id.raw" ] || exit 0
mkdir -p "$images"
work=$(mktemp -d "$images/.building-XXXXXX")
trap 'rm -rf -- "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$here/image/build-image" "$work" "$size" >"$images/last-build.log" 2>&1 || {
    echo "The machine image could not be built ahead; the end of $images/last-build.log:" >&2
    tail -n 5 "$images/last-build.log" >&2
    exit 1
}
# The disk last: it is what says that the image is there.
for part in vmlinuz initrd disk.raw; do
    case $part in disk.raw) name=$id.raw ;; *) name=$id.$part ;; esac
    sync "$work/$part"
    mv "$work/$part" "$images/$name"
done
