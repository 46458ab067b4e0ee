"""What hosts do in the folder of a pool: POSIX shell, each of them whole or not at all.

Words come as `$1`, `$2` ..., so that nothing in them is ever taken for a command. What is made
is made under a name of its own that begins with a dot, and moved to its place at the end.
"""

from __future__ import annotations

from typing import Final

NO_ROOM: Final = 28
"""Exit code for a full disk: ENOSPC."""

MISSING: Final = 44
"""Exit code where something that should be there is not."""

UNFIT: Final = 65
"""Exit code for data that will not do: EX_DATAERR."""

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
mkdir -p -m 0711 "$1/$2"; cd "$1/$2"
[ -s .lab ] || { printf '%s\\n' "$3" > ".lab.$3"; mv ".lab.$3" .lab; }
find . -maxdepth 1 -name '.*.part' -mmin +1440 -delete
mkdir -p "$(dirname "$4")"; ln -sfn "$1/$2" "$4"
cat .lab
"""
"""Args: pool's path, lab's folder in it, a random word, link that shows that it is attached.

Prints the word of whoever was first: hosts that print different ones see different storage.
"""

DETACH: Final = 'rm -f -- "$1"'
"""Args: the link."""

CREATE: Final = (
    _ROOM
    + """\
cd "$1"; part=".$2.$6.part"
trap 'rm -f -- "$part"; [ -e "$2" ] || rm -f -- "$4"' EXIT
if [ -n "$5" ]; then
  [ -e "$5" ] || { echo "$5 is not there" >&2; exit 44; }
  least=$(size "$5")
  [ "$3" -ge "$least" ] || { echo "the template is $((least / 1048576)) MiB large" >&2; exit 65; }
  ln -f -- "$5" "$4"
  qemu-img create -q -f qcow2 -b "$4" -F qcow2 -- "$part" "$3"
else
  qemu-img create -q -f qcow2 -- "$part" "$3"
fi
chmod 0600 "$part"; mv -fT -- "$part" "$2"
"""
)
"""Args: folder, volume, size in bytes, its link to the template, template or "", unique word.

The link keeps the template's data where they are as long as the volume needs them, whatever
becomes of the template's own name.
"""

DELETE: Final = """\
[ -d "$1" ] || exit 0
cd "$1"; rm -f -- "$2" "$3" "$4".snapshot-*.xml ".$2".*.part
"""
"""Args: folder, volume, its link to the template, the part of its names before the suffix."""

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
    _ROOM
    + """\
from="$1"; cd "$2"; [ -e "$from/$3" ] || { echo "$3 is not there" >&2; exit 44; }
set -- "$1" "$2" "$3" "$4" "$5" "$6"
trap 'rm -f -- ".$3.$6.part" ".$4.$6.part"; [ -e "$3" ] || rm -f -- "$4"' EXIT
if [ -e "$from/$4" ]; then
  room "$(used "$from/$3" "$from/$4")"
  cp --sparse=always --reflink=auto -- "$from/$4" ".$4.$6.part"; mv -fT -- ".$4.$6.part" "$4"
else
  room "$(used "$from/$3")"
fi
for note in "$from/$5".snapshot-*.xml; do [ ! -e "$note" ] || cp -p -- "$note" .; done
cp -p --sparse=always --reflink=auto -- "$from/$3" ".$3.$6.part"; mv -fT -- ".$3.$6.part" "$3"
"""
)
"""Args: source folder, target folder, volume, its link, its name's beginning, unique word.

Both files are copied as they are: the links inside are relative, snapshots come along.
"""

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
    _ROOM
    + _WHOLE
    + """\
cd "$1"; part=".$2.$4.part"
trap 'rm -f -- "$part" "$part.raw"' EXIT
case "$3" in
  http://*|https://*|sftp://*) curl -fsSL --max-time "$6" -o "$part" -- "$3" ;;
  *) [ -r "$3" ] || { echo "there is no $3" >&2; exit 44; }
     room "$(used "$3")"; cp --sparse=always --reflink=auto -- "$3" "$part" ;;
esac
if [ "$5" = raw ]; then
  mv -- "$part" "$part.raw"; qemu-img convert -f raw -O qcow2 -- "$part.raw" "$part"
fi
whole "$part" "$3"
chmod 0444 "$part"; mv -fT -- "$part" "$2"
"""
)
"""Args: folder, template, path or URL of the image, unique word, `raw` or `qcow2`, seconds.

An image that names another file is refused: it could name any file of the host.
"""

EVICT: Final = '[ ! -d "$1" ] || rm -f -- "$1/$2" "$1/.$2".*.part'
"""Args: folder, template."""

LIST: Final = '[ -d "$1" ] || exit 44; ls -1 -- "$1"'
"""Args: folder."""

CAPACITY: Final = """df -Pk -- "$1" | awk 'NR == 2 { print $2, $4 }'"""
"""Args: pool's path. Prints KiB in all and free."""

PIECE_MIB: Final = 16
"""How much of an image travels in one command."""

FLATTEN: Final = (
    _ROOM
    + """\
cd "$1"; [ -e "$2" ] || { echo "$2 is not there" >&2; exit 44; }
room "$(used "$2" "$3" 2>/dev/null)"
trap '[ $? -eq 0 ] || rm -f -- "$4"' EXIT
umask 077; qemu-img convert -f qcow2 -O qcow2 -- "$2" "$4"; stat -c %s -- "$4"
"""
)
"""Args: folder, volume, its link, name for one whole image of both. Prints its size in bytes."""

PIECE: Final = 'dd if="$1/$2" bs=1M skip="$3" count="$4" status=none'
"""Args: folder, file, first MiB, how many. Prints the bytes."""

APPEND: Final = 'cd "$1"; umask 077; cat >> "$2"'
"""Args: folder, file. Reads the bytes."""

REMOVE: Final = 'rm -f -- "$1/$2"'
"""Args: folder, file."""

ADOPT: Final = (
    _ROOM
    + _WHOLE
    + """\
cd "$1"; trap 'rm -f -- "$2"' EXIT
whole "$2" "what was uploaded"
[ "$4" -ge "$(size "$2")" ] || {
  echo "what was uploaded is $(($(size "$2") / 1048576)) MiB large" >&2; exit 65
}
qemu-img resize -q -f qcow2 -- "$2" "$4"
mv -fT -- "$2" "$3"; rm -f -- "$5" "$6".snapshot-*.xml
"""
)
"""Args: folder, uploaded file, volume, size in bytes, its link, its name's beginning."""
