# Files are handled as states: `absent`, `absent-dir` (not even the directory) or mode:uid:gid:base64 of the bytes.
# A state can be recorded, compared and put back byte for byte.
sysctl_file=/etc/sysctl.d/99-zz-conntrack-medic.conf
modules_file=/etc/modules-load.d/conntrack-medic.conf
modprobe_file=/etc/modprobe.d/conntrack-medic.conf
file_most_bytes=65536

case $(sync --help 2>&1) in
  *FILE*) sync_style=path ;;
  *) sync_style=all ;;
esac

# sync_path <path>: older tools only know how to flush everything.
sync_path() {
  case $sync_style in
    path) sync "$1" 2>/dev/null ;;
    *) sync ;;
  esac
}

# state_of <path>: sets `state`; fails when the path is no plain file, cannot be read or is far too big to be ours.
state_of() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    if [ -d "${1%/*}" ]; then state=absent; else state=absent-dir; fi
    return 0
  fi
  if [ ! -f "$1" ] || [ -L "$1" ]; then return 1; fi
  state_size=$(stat -c %s "$1" 2>/dev/null) || return 1
  [ "$state_size" -le "$file_most_bytes" ] || return 1
  state_bytes=$(base64 "$1" 2>/dev/null) || return 1
  state=$(stat -c '%a:%u:%g' "$1" 2>/dev/null) || return 1
  case ${state%%:*} in ????*) return 1 ;; esac
  state=$state:$(printf '%s' "$state_bytes" | tr -d '\n')
}

# sound_state <state>: whether a state that was read from a file is one. No file of ours has a bit beyond 777.
sound_state() {
  case $1 in absent | absent-dir) return 0 ;; esac
  case ${1%:*} in
    *[!0-9:]* | :* | *: | *::* | *:*:*:* | ????*:*:* | *[89]*:*:*) return 1 ;;
    *:*:*) ;;
    *) return 1 ;;
  esac
  case ${1##*:} in *[!A-Za-z0-9+/=]*) return 1 ;; esac
}

# write_new <path>: standard input as a file that was not there before. Whoever may write to the folder may have put a link
# in its place: that is removed, and one that comes back is not followed.
write_new() {
  if [ -e "$1" ] || [ -L "$1" ]; then rm -f "$1" 2>/dev/null || return 1; fi
  (
    set -C
    cat >"$1"
  ) 2>/dev/null
}

# put_state <path> <state>: makes the file so, atomically; sets `change` to written, removed or unchanged.
put_state() {
  change=unchanged
  put_temporary=$1.medic-new
  # A killed run may have left it; nothing reads it, since its name does not end in .conf.
  if [ -e "$put_temporary" ] || [ -L "$put_temporary" ]; then rm -f "$put_temporary" 2>/dev/null || return 1; fi
  state_of "$1" || return 1
  [ "$state" != "$2" ] || return 0
  case $2 in
    absent | absent-dir)
      case $state in
        absent*) ;;
        *)
          rm -f "$1" 2>/dev/null || return 1
          sync_path "${1%/*}" || return 1
          change=removed
          ;;
      esac
      # The directory was ours to make, so it is ours to remove, unless somebody has used it since.
      if [ "$2" = absent-dir ]; then rmdir "${1%/*}" 2>/dev/null; fi
      return 0
      ;;
  esac
  [ -d "${1%/*}" ] || mkdir -p "${1%/*}" 2>/dev/null || return 1
  if write_temporary "$2" && mv -f "$put_temporary" "$1" 2>/dev/null; then
    sync_path "${1%/*}" || return 1
    change=written
    return 0
  fi
  rm -f "$put_temporary" 2>/dev/null
  return 1
}

# write_temporary <state>: the new file under its temporary name, complete, checked and on the disk.
write_temporary() {
  put_mode=${1%%:*}
  put_bytes=${1##*:}
  put_owner=${1#*:}
  put_owner=${put_owner%:*}
  { printf '%s' "$put_bytes" | base64 -d | write_new "$put_temporary"; } 2>/dev/null || return 1
  chown -h "$put_owner" "$put_temporary" 2>/dev/null || return 1
  [ ! -L "$put_temporary" ] && chmod "$put_mode" "$put_temporary" 2>/dev/null || return 1
  sync_path "$put_temporary" || return 1
  # Read back: a full disk shows up here if nowhere else.
  state_of "$put_temporary" && [ "$state" = "$1" ]
}
