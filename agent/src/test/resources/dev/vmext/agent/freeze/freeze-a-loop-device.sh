# Freezes a real ext4 on a loop device with the real program, in a mount name space of its own: freeze-a-loop-device.sh SCRIPT FOLDER CASE
set -eu
script=$1
folder=$2
case=$3
truncate -s 24M "$folder/disk.img"
mkfs.ext4 -q -F "$folder/disk.img"
mkdir "$folder/mounted"
mount -o loop "$folder/disk.img" "$folder/mounted"
trap 'umount "$folder/mounted"' EXIT
grep " $folder/mounted " /proc/self/mountinfo >"$folder/mountinfo"
held=$folder/held
mkdir "$held"
limit=60
[ "$case" != late ] || limit=1
setsid "$script" "$held" "$limit" "$folder/no-hooks" "$folder/mountinfo" &
freezer=$!
until [ -e "$held/held" ] || [ -e "$held/failed" ]; do sleep 0.05; done
[ ! -e "$held/failed" ] || cat "$held/failed"
(
    echo x >"$folder/mounted/file"
    : >"$folder/written"
) &
writer=$!
# The writer waits in the kernel: state D.
until [ "$(cut -d' ' -f3 "/proc/$writer/stat")" = D ] || [ -e "$folder/written" ]; do sleep 0.05; done
[ "$case" = late ] || [ -e "$folder/written" ] || echo frozen
case $case in
release) : >"$held/release" ;;
kill) kill -KILL "$freezer" ;;
esac
wait "$writer"
[ ! -e "$folder/written" ] || echo written
until [ -e "$held/over" ]; do sleep 0.05; done
cat "$held/over"
