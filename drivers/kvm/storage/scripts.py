"""What hosts do in the folder of a pool: POSIX shell, each of them whole or not at all.

Words come as `$1`, `$2` ..., so that nothing in them is ever taken for a command. What is made
is made under a name of its own that begins with a dot, and gets its place at the end, if that is
free: two labs may have one name, and what lies there may be the disk of a machine that runs.
"""

from __future__ import annotations

from typing import Final

NO_ROOM: Final = 28
"""Exit code for a full disk: ENOSPC."""

MISSING: Final = 44
"""Exit code where something that should be there is not."""

UNFIT: Final = 65
"""Exit code for data that will not do: EX_DATAERR."""

TAKEN: Final = 73
"""Exit code where something is that nobody here made: EX_CANTCREAT."""

_PLACE: Final = """\
taken() {
  echo "$1 is already there" >&2; exit 73
}
place() {  # give the file $1 the name $2, unless something has it
  ln -T -- "$1" "$2" 2>/dev/null || [ "$1" -ef "$2" ]
}
made() { [ "$(stat -c %.9Y -- "$1" 2>/dev/null)" = "$2" ]; }  # has $1 the time $2?
"""
"""A file that bears the very nanosecond a call chose was made by that call, whose answer was lost.

It is nobody's to write to before the call has returned, so it still bears it then.
"""

_STOPS: Final = "trap '' PIPE; trap 'exit 143' TERM\n"
"""Where a script is stopped, its own files go: without this a shell would end without tidying.

If nobody hears any more what it says, that does not end it in the middle of tidying either. Nor
does another word to stop: the traps at the end see to that.
"""

_ROOM: Final = """\
free() { df -Pk . | awk 'NR == 2 { print $4 }'; }
room() {  # KiB: is there room for so much?
  [ "$1" -le "$(free)" ] || {
    echo "needs $(($1 / 1024 + 1)) MiB, free are $(($(free) / 1024)) MiB" >&2; exit 28
  }
}
used() { du -ck -- "$@" | awk 'END { print $1 }'; }
size() {
  qemu-img info -U -f qcow2 -- "$1" |
    sed -n 's/^virtual size: .*(\\([0-9]*\\) bytes)$/\\1/p'
}
"""

ATTACH: Final = """\
[ -d "$1" ] || { echo "there is no folder $1" >&2; exit 44; }
mkdir -p -m 0711 "$1/$2"; cd "$1/$2"; part=".lab.$3"
trap 'rm -f -- "$part"' EXIT
printf '%s\\n%s\\n' "$3" "$5" > "$part"
[ -s .lab ] || ln -T -- "$part" .lab 2>/dev/null || [ -s .lab ] || mv -fT -- "$part" .lab
owner=$(sed -n 2p .lab)
if [ "$owner" != "$5" ]; then
  if [ -n "$owner" ] && [ "$owner" != "${5%% *}" ] && ls | grep -q '^volume-'; then
    cat .lab; exit
  fi
  printf '%s\\n%s\\n' "$(head -n 1 .lab)" "$5" > "$part"; mv -fT -- "$part" .lab
fi
find . -maxdepth 1 -name '.*.part' -mmin +1440 -delete
mkdir -p "$(dirname "$4")"; ln -sfn "$1/$2" "$4"
cat .lab
"""
"""Args: pool's path, lab's folder in it, a random word, link that shows that it is attached, owner.

Prints the word of whoever was first, as hosts that print different ones see different storage, and
the owner below it: another one if volumes of other books lie there. Without any it changes hands.
"""

DETACH: Final = 'rm -f -- "$1"'
"""Args: the link."""

CREATE: Final = (
    _ROOM
    + _PLACE
    + """\
cd "$1"; part=".$2.$6.part"
trap 'rm -f -- "$part"' EXIT
[ ! -e "$2" ] || made "$2" "$7" || taken "$2"
if [ -n "$5" ]; then
  [ -e "$5" ] || { echo "$5 is not there" >&2; exit 44; }
  least=$(size "$5")
  [ "$3" -ge "$least" ] || { echo "the template is $((least / 1048576)) MiB large" >&2; exit 65; }
  qemu-img create -q -u -f qcow2 -b "$4" -F qcow2 -- "$part" "$3"
else
  qemu-img create -q -f qcow2 -- "$part" "$3"
fi
chmod 0600 "$part"; touch -d "@$7" -- "$part"
place "$part" "$2" || made "$2" "$7" || taken "$2"
[ -z "$5" ] || ln -f -- "$5" "$4" || { rm -f -- "$2"; exit 1; }
"""
)
"""Args: folder, volume, size, its link to the template, template or "", unique word, time.

The size is in bytes, the time in seconds and nanoseconds. The link keeps the template's data where
they are as long as the volume needs them, whatever becomes of the template's own name; it is made
last, so that another's is never touched.
"""

DELETE: Final = (
    _PLACE
    + """\
[ -d "$1" ] || exit 0
cd "$1"; rm -f -- ".$2".*.part
[ -z "$5" ] || [ ! -e "$2" ] || made "$2" "$5" || exit 0
rm -f -- "$2" "$3" "$4".snapshot-*.xml
"""
)
"""Args: folder, volume, its link to the template, the part of its names before the suffix, time.

With a time, a volume that bears another stays.
"""

RESIZE: Final = (
    _ROOM
    + """\
cd "$1"; [ -e "$2" ] || { echo "$2 is not there" >&2; exit 44; }
now=$(size "$2")
[ "$3" -ge "$now" ] || { echo "it is $((now / 1048576)) MiB large and cannot shrink" >&2; exit 65; }
[ "$3" -eq "$now" ] || qemu-img resize -q -f qcow2 -- "$2" "$3"
"""
)
"""Args: folder, volume, size in bytes."""

COPY: Final = (
    _STOPS
    + _ROOM
    + _PLACE
    + """\
from="$1"; cd "$2"; [ -e "$from/$3" ] || { echo "$3 is not there" >&2; exit 44; }
disk=".$3.$6.part"; base=".$4.$6.part"
trap 'trap "" TERM; rm -f -- "$disk" "$base"' EXIT
[ ! -e "$3" ] || made "$3" "$7" || taken "$3"
if [ -e "$from/$4" ]; then
  room "$(used "$from/$3" "$from/$4")"
  cp --sparse=always --reflink=auto -- "$from/$4" "$base"
else
  room "$(used "$from/$3")"
fi
cp -p --sparse=always --reflink=auto -- "$from/$3" "$disk"; touch -d "@$7" -- "$disk"
place "$disk" "$3" || made "$3" "$7" || taken "$3"
[ ! -e "$base" ] || mv -fT -- "$base" "$4"
for note in "$from/$5".snapshot-*.xml; do [ ! -e "$note" ] || cp -p -- "$note" .; done
"""
)
"""Args: source folder, target folder, volume, its link, its name's beginning, unique word, time.

Both files are copied as they are: the links inside are relative, snapshots come along.
"""

BRING: Final = (
    _STOPS
    + _PLACE
    + """\
cd "$1"; part=".$2.$4.part"
trap 'trap "" TERM; rm -f -- "$part"' EXIT
[ ! -e "$2" ] || made "$2" "$5" || taken "$2"
qemu-img convert -f qcow2 -O qcow2 -- "$3" "$part"; chmod 0600 "$part"; touch -d "@$5" -- "$part"
place "$part" "$2" || made "$2" "$5" || taken "$2"
"""
)
"""Args: folder, volume, URL of the image on a server, unique word, time."""

_WHOLE: Final = """\
whole() {  # is the file $1 an image that needs no other file? $2: what it is called
  info=$(qemu-img info -f qcow2 -- "$1" 2>&1) || { echo "$2 is no qcow2 image" >&2; exit 65; }
  if printf '%s\\n' "$info" | grep -Eq '^ *(backing|data) file'; then
    echo "$2 needs another file beside it: flatten it with qemu-img convert" >&2; exit 65
  fi
  qemu-img check -q -f qcow2 -- "$1" || { echo "$2 is damaged" >&2; exit 65; }
}
"""

STAGE: Final = (
    _STOPS
    + _ROOM
    + _PLACE
    + _WHOLE
    + """\
cd "$1"; part=".$2.$4.part"
trap 'trap "" TERM; rm -f -- "$part" "$part.raw"' EXIT
case "$3" in
  http://*|https://*|sftp://*) curl -fsSL --max-time "$6" -o "$part" -- "$3" ;;
  *) [ -r "$3" ] || { echo "there is no $3" >&2; exit 44; }
     room "$(used "$3")"; cp --sparse=always --reflink=auto -- "$3" "$part" ;;
esac
if [ "$5" = raw ]; then
  mv -- "$part" "$part.raw"; qemu-img convert -f raw -O qcow2 -- "$part.raw" "$part"
fi
whole "$part" "$3"
chmod 0444 "$part"; touch -d "@$7" -- "$part"
place "$part" "$2" || made "$2" "$7" || cmp -s -- "$part" "$2" || taken "$2"
"""
)
"""Args: folder, template, path or URL of the image, unique word, `raw` or `qcow2`, seconds, time.

An image that names another file is refused: it could name any file of the host.
"""

EVICT: Final = (
    _PLACE
    + """\
[ -d "$1" ] || exit 0
cd "$1"; rm -f -- ".$2".*.part
[ -z "$3" ] || made "$2" "$3" || exit 0
rm -f -- "$2"
"""
)
"""Args: folder, template, time. With a time, a copy that bears another stays."""

LIST: Final = '[ -d "$1" ] || exit 44; ls -1 -- "$1"'
"""Args: folder."""

CAPACITY: Final = """df -Pk -- "$1" | awk 'NR == 2 { print $2, $4 }'"""
"""Args: pool's path. Prints KiB in all and free."""

PIECE_MIB: Final = 16
"""How much of an image travels in one command."""

FLATTEN: Final = (
    _STOPS
    + _ROOM
    + """\
cd "$1"; [ -e "$2" ] || { echo "$2 is not there" >&2; exit 44; }
room "$(used "$2" "$3" 2>/dev/null)"
trap 'code=$?; trap "" TERM; [ $code -eq 0 ] || rm -f -- "$4"' EXIT
umask 077; qemu-img convert -f qcow2 -O qcow2 -- "$2" "$4"; stat -c %s -- "$4"
"""
)
"""Args: folder, volume, its link, name for one whole image of both. Prints its size in bytes."""

FETCH: Final = (
    _STOPS
    + """\
trap 'code=$?; trap "" TERM; [ $code -eq 0 ] || rm -f -- "$1/$2"' EXIT
umask 077; qemu-img convert -f qcow2 -O qcow2 -- "$3" "$1/$2"; stat -c %s -- "$1/$2"
"""
)
"""Args: folder, name for the image, its URL on a server. Prints its size in bytes."""

PIECE: Final = 'dd if="$1/$2" bs=1M skip="$3" count="$4" status=none'
"""Args: folder, file, first MiB, how many. Prints the bytes."""

APPEND: Final = 'cd "$1"; umask 077; cat >> "$2"'
"""Args: folder, file. Reads the bytes."""

REMOVE: Final = 'rm -f -- "$1/$2"'
"""Args: folder, file."""

ADOPT: Final = (
    _STOPS
    + _ROOM
    + _WHOLE
    + """\
cd "$1"; trap 'trap "" TERM; rm -f -- "$2"' EXIT
whole "$2" "what was uploaded"
[ "$4" -ge "$(size "$2")" ] || {
  echo "what was uploaded is $(($(size "$2") / 1048576)) MiB large" >&2; exit 65
}
qemu-img resize -q -f qcow2 -- "$2" "$4"
mv -fT -- "$2" "$3"; rm -f -- "$5" "$6".snapshot-*.xml
"""
)
"""Args: folder, uploaded file, volume, size in bytes, its link, its name's beginning."""
