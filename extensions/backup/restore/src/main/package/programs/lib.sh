# Read by the programs of vmext.Restore: everything of one installation lies in the folder above the one they are in.
STATE=$(CDPATH='' cd -- "${0%/*}/.." && pwd -P)
. "$STATE/bin/machine.sh"
. "$STATE/bin/repository.sh"
WORK=$STATE/work
