# What is read once: what this node is, what its files set at boot, and whether what a change of ours made last still stands.

# The files come in the order in which one masks another of its name (man 5 sysctl.d); `+!path` is one that is no plain file,
# which masks and sets nothing. `own` is the file of our changes, `unpersisted` has those whose files could not be written.
# shellcheck disable=SC2016 # The dollars are awk's.
probe_once='
function once(   i, name) {
  print "cores=" cores_of(path["online"])
  print "boot=" (one_line(path["boot"]) && row ~ /^[0-9a-f-]+$/ && length(row) == 36 ? row : "?denied")
  print "kernel=" (one_line(path["release"]) && row ~ /^[0-9]+\.[0-9]+[A-Za-z0-9_.+~-]*$/ && length(row) <= 60 ? row : "?denied")
  for (i = 1; i <= known; i++) file_at_boot(files[i])
  print "boot_max=" (unread ? "?denied" : limit == "" ? "?missing" : limit)
  read_records(path["unpersisted"])
  lasting = newest_target
  read_records(path["own"])
  print "incident=" (incident == "" ? "?missing" : incident)
  print "drift=" drift()
}
function cores_of(file,   cell, ends, many, i, cores) {
  if (!one_line(file) || row !~ /^[0-9][0-9,-]*$/) return "?denied"
  many = split(row, cell, ",")
  for (i = 1; i <= many; i++) cores += split(cell[i], ends, "-") == 2 ? ends[2] - ends[1] + 1 : 1
  return cores > 0 ? cores : "?denied"
}
# What is applied last counts: the file that sorts last, and in it the last line.
function file_at_boot(file,   base, name, text, got, size, found) {
  if (file == "") return
  base = file; sub(/.*\//, "", base)
  if (base in masked) return
  masked[base] = 1
  if (substr(file, 1, 1) == "!") return
  while ((got = (getline text < file)) > 0) {
    if ((size += length(text) + 1) > most) { got = -1; break }
    if (text !~ /^[ \t]*-?[ \t]*net[.\/](netfilter[.\/])?nf_conntrack_max[ \t]*=[ \t]*[0-9]+[ \t\r]*$/) continue
    sub(/^[^=]*=[ \t]*/, "", text); gsub(/[^0-9]/, "", text)
    found = text
  }
  close(file)
  if (got < 0) unread = 1
  if (found != "" && length(found) <= 10 && (limit == "" || base > last_base)) { limit = found; last_base = base }
}
# Records of changes, newest first, and below them what the file makes last.
function read_records(file,   text, got, cell, many, size, i, list, one, pair) {
  if (file == "") return
  while ((got = (getline text < file)) > 0) {
    if ((size += length(text) + 1) > 8 * most) { got = -1; break }
    if (text ~ /^# medic-incident [a-z0-9-]+ max=[0-9]+ buckets=[0-9]+ target=[0-9]+/) {
      many = split(text, cell, " ")
      if (incident == "" && length(cell[3]) >= 8 && length(cell[3]) <= 64) incident = cell[3]
      one = substr(cell[6], 8) + 0
      if (one > 0 && newest_target == "") newest_target = one
      if (file == path["own"] && one > stack_target) stack_target = one
      if (cell[7] !~ /^settings=/) continue
      many = split(substr(cell[7], 10), list, ",")
      for (i = 1; i <= many; i++)
        if (split(list[i], pair, /[=:]/) == 3 && is_setting(pair[1]) && pair[3] ~ /^[0-9]+$/ && !(pair[1] in wants)) {
          wants[pair[1]] = pair[3] + 0
          if (file == path["own"]) is_filed[pair[1]] = 1
        }
    } else if (text ~ /^# medic-before \/etc\/modules-load\.d\/conntrack-medic\.conf /) loads = 1
    else if (text ~ /^# medic-before \/etc\/modprobe\.d\/conntrack-medic\.conf /) hashes = 1
    else if (incident != "" && text ~ /^[a-z0-9_.]+ = [0-9]+$/) { split(text, pair, " = "); kept[pair[1]] = pair[2] + 0 }
  }
  close(file)
  if (got < 0) is_unread = 1
}
function is_setting(key) {
  return key ~ /^net\.(netfilter\.nf_conntrack_(buckets|tcp_timeout_(established|close_wait|time_wait))|ipv[46]\.neigh\.default\.gc_thresh[123])$/
}
# A value has gone against a change where it is lower again, or for a timeout higher.
function is_back(key, wanted_value,   file) {
  file = key; gsub(/\./, "/", file)
  if (!one_line("/proc/sys/" file) || row !~ /^[0-9]+$/) return 0
  return key ~ /timeout/ ? row + 0 > wanted_value : row + 0 < wanted_value
}
function has_line(file, pattern,   text, found) {
  if (file == "") return 0
  while ((getline text < file) > 0) if (text ~ pattern) found = 1
  close(file)
  return found
}
function drift(   limit_key, target, key, layers, is_lower, cores, proxy, loads_line, hashes_line) {
  loads_line = "^nf_conntrack[ \t]*$"
  hashes_line = "^options nf_conntrack .*hashsize=[0-9]"
  if (is_unread) return "?denied"
  # What stands beside the file of our changes goes with the last of them: where it is there alone, that file was taken away.
  if (incident == "") return has_line(path["modules"], loads_line) || has_line(path["modprobe"], hashes_line) ? "sysctl.d" : "none"
  limit_key = "net.netfilter.nf_conntrack_max"
  target = lasting > 0 ? lasting : kept[limit_key] > stack_target ? kept[limit_key] : stack_target
  if (target > 0 && value["max"] !~ /^[0-9]+$/) return value["max"]
  # No limit at all is written as 0.
  is_lower = target > 0 && value["max"] + 0 > 0 && value["max"] + 0 < target
  for (key in kept) if (is_setting(key) && !(key in wants)) wants[key] = kept[key]
  for (key in wants) if (is_back(key, wants[key])) moved = 1
  if (is_lower || moved) layers = layers ",running-kernel"
  for (key in is_filed) if (key !~ /_buckets$/ && !(key in kept)) gone = 1
  if (gone || (stack_target > 0 && kept[limit_key] + 0 < stack_target)) layers = layers ",sysctl.d"
  if (loads && !has_line(path["modules"], loads_line)) layers = layers ",module-load-order"
  if (hashes && !has_line(path["modprobe"], hashes_line)) layers = layers ",hashsize"
  cores = cores_of(path["online"])
  proxy = per_core * cores > least + 0 ? per_core * cores : least + 0
  if (is_lower && per_core ~ /^[0-9]+$/ && per_core > 0 && value["max"] + 0 == proxy) layers = layers ",kube-proxy"
  return layers == "" ? "none" : substr(layers, 2)
}
'

# probe_last: the second sample and what is read once. Of the boot's files there are few: more than 200 are not looked at.
probe_last() {
  set -- +
  for once_file in /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf \
    /.bottlerocket/host-containers/current/conntrack-medic/*.conf; do
    if [ -f "$once_file" ]; then
      set -- "$@" "+$once_file"
    elif [ -e "$once_file" ]; then
      set -- "$@" "+!$once_file"
    fi
  done
  [ "$#" -le 201 ] || set -- +/proc/self/mem
  once_own=/etc/sysctl.d/99-zz-conntrack-medic.conf
  [ ! -d /.bottlerocket ] || once_own=/.bottlerocket/host-containers/current/conntrack-medic/99-zz-conntrack-medic.conf
  for once_file in "own=$once_own" unpersisted=/run/conntrack-medic/unpersisted \
    modules=/etc/modules-load.d/conntrack-medic.conf modprobe=/etc/modprobe.d/conntrack-medic.conf \
    online=/sys/devices/system/cpu/online boot=/proc/sys/kernel/random/boot_id release=/proc/sys/kernel/osrelease; do
    [ ! -f "${once_file#*=}" ] || set -- "$@" "$once_file"
  done
  probe_sample "$@"
}
