# The kernel's own tables under /proc, all of a sample in one awk under one deadline: a process for each of them was most
# of what a collection cost. None of these files can hold a reader up, and nobody but the kernel writes them. What links.sh
# reads comes last, and is lost alone where time is too short for it.

# Arguments: `@<table>` begins a table, its files follow. Of each a record is printed, closed by a tilde, which none of them has: the status in a
# line of its own, then the text, printable and in lines of at most 512 characters. Rows of hexadecimal counters, one a CPU,
# are added up beyond a number of rows, so that the output keeps its bound on any machine; doubles hold 2^32 x 192 exactly.
# The first column of the tables with a header is the number of entries, repeated on every row: it is taken, not added.
# shellcheck disable=SC2016 # The dollars are awk's.
read_tables='
function dec(hex,   i, n) {
  n = 0; hex = tolower(hex)
  for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
  return n
}
function hex(n,   digits) {
  digits = ""
  do { digits = substr("0123456789abcdef", n % 16 + 1, 1) digits; n = int(n / 16) } while (n > 0)
  return digits
}
# Appends the lines of a file to line[1..lines].
function slurp(path,   text, got, size) {
  while ((got = (getline text < path)) > 0) {
    size += length(text) + 1
    if (size > most) { status = "truncated"; break }
    line[++lines] = text
    # The kernel counts each cache as it is read: no more of them than are asked for.
    if (table == "slabinfo" && text ~ /^nf_conntrack /) break
  }
  if (got < 0 && status == "ok") status = "denied"
  close(path)
}
function say(text) { body = body substr(text, 1, 512) "\n" }
function total(style,   i, text) {
  if (rows == 0) return
  text = style == "sum" ? "sum " rows : ""
  for (i = 1; i <= width; i++) {
    text = text (style == "sum" || i > 1 ? " " : "") (style == "sum" ? sprintf("%.0f", sum[i]) : hex(sum[i]))
    sum[i] = 0
  }
  say(text)
  rows = 0; width = 0
}
function per_cpu(limit, style, columns,   i, j, k, cell, headed) {
  if (status == "truncated") limit = lines
  for (i = 1; i <= lines; i++) {
    k = split(line[i], cell, " ")
    if (columns > 0 && k > columns) { k = columns; line[i] = cell[1]; for (j = 2; j <= k; j++) line[i] = line[i] " " cell[j] }
    if (lines <= limit) { say(line[i]); continue }
    if (cell[1] !~ /^[0-9a-fA-F]+$/) { total(style); say(line[i]); headed = 1; continue }
    rows++
    if (k > width) width = k
    for (j = 1; j <= k; j++) sum[j] = (headed && j == 1 ? 0 : sum[j]) + dec(cell[j])
  }
  total(style)
}
# Only the columns that a verdict rests on: the whole TcpExt pair is 2,500 characters a sample.
function netstat(   i, j, k, cell, name, keys, values, headed) {
  for (i = 1; i <= lines; i++) {
    k = split(line[i], cell, " ")
    if (cell[1] == "IpExt:") say(line[i])
    if (cell[1] != "TcpExt:") continue
    if (!headed) { headed = 1; for (j = 2; j <= k; j++) name[j] = cell[j]; continue }
    keys = values = cell[1]
    for (j = 2; j <= k; j++) if (name[j] in wanted) { keys = keys " " name[j]; values = values " " cell[j] }
    say(keys); say(values)
  }
}
function lines_like(pattern, limit,   i) {
  for (i = 1; i <= lines; i++) if (line[i] ~ pattern && limit-- > 0) say(line[i])
  if (body == "") status = status == "ok" ? "missing" : status
}
function numbers(table,   i, path, file, cell) {
  for (i = 1; i <= files; i++) {
    lines = 0; path = file_of[i]; slurp(path)
    file = path; sub(/.*\//, "", file)
    if (path ~ /_cache$/) {
      split(line[2], cell, " ")
      if (lines > 1 && cell[1] ~ /^[0-9a-f]+$/) say((file ~ /^ndisc/ ? "ipv6_" : "") "entries=" sprintf("%.0f", dec(cell[1])))
    } else if (lines == 1 && line[1] ~ /^[0-9]+$/) {
      if (file == "nf_conntrack_tcp_timeout_established") lifetime = line[1]
      say((path ~ /\/ipv6\// ? "ipv6_" : "") file "=" line[1])
    }
  }
  status = body != "" ? "ok" : (table == "conntrack" && files > 0 ? "denied" : "missing")
}
function finish(   i) {
  if (table == "") return
  if (table == "links") return print_links()
  if (table == "processes") return print_processes()
  if (table == "pods") return print_pods()
  if (table == "pod_sockets") return print_pod_sockets()
  if (table == "entries") return begin_entries()
  body = ""; lines = 0; status = files > 0 ? "ok" : "missing"
  if (table ~ /^(conntrack|timeouts|neighbours)$/) numbers(table)
  else {
    for (i = 1; i <= files; i++) slurp(file_of[i])
    for (i = 1; i <= lines; i++) { gsub(/\t/, " ", line[i]); gsub(/[^ -}]/, "?", line[i]) }
    if (status == "ok" || status == "truncated") {
      if (table == "stat") per_cpu(33, "sum", 0)
      else if (table == "softnet") per_cpu(16, "sum", 3)
      else if (table == "arp") per_cpu(18, "row", 0)
      else if (table == "netstat") netstat()
      else if (table == "snmp") lines_like("^(Ip|Tcp|Udp):", 1000)
      else if (table == "meminfo") lines_like("^(MemTotal|MemAvailable|Slab|SUnreclaim):", 1000)
      else if (table == "slabinfo") lines_like("^nf_conntrack(_[0-9a-f]+)? ", 3)
      else if (table == "modules") lines_like("^nf_conntrack ", 1)
      else for (i = 1; i <= lines; i++) say(line[i])
    }
  }
  sub(/\n+$/, "", body)
  printf "%s\n%s~", status, body
}
# Leaves the file to the rules of count_entries. On a node that is short of time what is read within two seconds is counted.
function begin_entries(   text) {
  # All else is complete.
  fflush()
  status = files == 0 ? "missing" : (getline text < file_of[1]) < 0 ? "denied" : "ok"
  if (status != "ok") { printf "%s\n~", status; return }
  close(file_of[1])
  counts_entries = is_record = 1
  deadline = seconds() + 2
}
BEGIN {
  split("SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled OutOfWindowIcmps TW ListenOverflows ListenDrops TCPTimeouts TCPLossProbes TCPAbortOnData TCPAbortOnMemory TCPAbortOnTimeout TCPMemoryPressures TCPBacklogDrop TCPTimeWaitOverflow TCPReqQFullDoCookies TCPReqQFullDrop TCPRetransFail TCPSynRetrans IPReversePathFilter PFMemallocDrop", list, " ")
  for (i in list) wanted[list[i]] = 1
  for (argument = 1; argument < ARGC; argument++) {
    if (ARGV[argument] !~ /^@/) { file_of[++files] = ARGV[argument]; continue }
    finish()
    table = substr(ARGV[argument], 2); files = 0
  }
  finish()
  if (!counts_entries) exit
  ARGV[1] = file_of[1]; ARGC = 2
}'

# kernel_tables <@table> <file...>...: sets `tables` to the records of the tables, from those of the files that are there,
# and `uptime`. `table` takes one. `tables_rules` is what the awk does after them, within `tables_seconds` in all.
tables_rules=''
tables_seconds=4
kernel_tables() {
  for tables_word; do
    shift
    case $tables_word in
      @*) set -- "$@" "$tables_word" ;;
      *) [ ! -f "$tables_word" ] || set -- "$@" "$tables_word" ;;
    esac
  done
  read_uptime
  tables_uptime=$uptime
  seconds_left
  [ "$left" -le "$tables_seconds" ] || left=$tables_seconds
  tables=''
  [ "$left" -ge 1 ] || return 0
  if command -v awk >/dev/null; then
    tables=$($within "$left" awk -v most="$kernel_most_bytes" -v list_most="$list_most_bytes" -v file_most="$file_most_bytes" \
      -v lister="$list_links" -v pods_most="$pods_most" -v pods_counters="$pods_counters" -v states_most="$pod_states_most" -v entries_most="$entries_most" \
      "$read_links$newline$read_pod_sockets$newline$read_tables$newline$tables_rules" "$@" 2>/dev/null)
    # One that was not printed to its end was not read in time.
    case $tables in
      *'~') ;;
      *'~'*) tables=${tables%'~'*}~ ;;
      *) tables='' ;;
    esac
  else
    tables_without_awk "$@"
  fi
}

# The same without awk, for the tables that need none.
tables_without_awk() {
  tables_files=''
  for tables_word in "$@" @; do
    case $tables_word in
      @*)
        [ -z "$tables_files" ] || table_without_awk
        tables_files=$tables_word
        ;;
      *) tables_files="$tables_files $tables_word" ;;
    esac
  done
}

# shellcheck disable=SC2086 # The kernel's files have no blanks in their names.
table_without_awk() {
  set -- $tables_files
  text=''
  status=missing
  case $1 in
    @conntrack | @timeouts)
      shift
      add_numbers '' "$@"
      [ -z "$text" ] || status=ok
      ;;
    @snmp) [ "$#" -lt 2 ] || capture_lines '^(Ip|Tcp|Udp):' "$2" ;;
    @meminfo) [ "$#" -lt 2 ] || capture_lines '^(MemTotal|MemAvailable|Slab|SUnreclaim):' "$2" ;;
    @slabinfo) [ "$#" -lt 2 ] || capture_lines '^nf_conntrack(_[0-9a-f]+)? ' "$2" ;;
    @modules) [ "$#" -lt 2 ] || capture_lines '^nf_conntrack ' "$2" ;;
    @boot | @online | @sockstat | @stat | @softnet | @arp)
      tables_one=$1
      shift
      [ "$#" -eq 0 ] || capture_file "$@"
      [ "$tables_one" != @softnet ] || text=$(printf '%s\n' "$text" | cut -d ' ' -f 1-3)
      count_rows
      # More rows would have to be added up.
      case $tables_one in
        @stat) tables_rows=33 ;;
        @arp) tables_rows=18 ;;
        *) tables_rows=16 ;;
      esac
      [ "$rows" -le "$tables_rows" ] || status=missing
      [ "$status" = ok ] || text=''
      ;;
    @neighbours)
      shift
      neighbours_text=''
      for tables_one; do
        case $tables_one in
          *_cache)
            capture_file "$tables_one"
            text=${text#*"$newline"}
            text=${text%%[[:space:]]*}
            case $text in
              '' | *[!0-9a-f]*) text='' ;;
              *) text=entries=$((0x$text)) ;;
            esac
            case $tables_one in */ndisc_cache) text=${text:+ipv6_$text} ;; esac
            ;;
          *)
            text=''
            case $tables_one in
              */ipv6/*) add_numbers ipv6_ "$tables_one" ;;
              *) add_numbers '' "$tables_one" ;;
            esac
            ;;
        esac
        neighbours_text=$neighbours_text${text:+${neighbours_text:+$newline}$text}
      done
      text=$neighbours_text
      status=missing
      [ -z "$text" ] || status=ok
      ;;
  esac
  tables=$tables$status$newline$text~
}

# table <record>: sets `text`, `status` and `uptime` from it; one that is not there was not read in time.
table() {
  text=''
  uptime=$tables_uptime
  status=timeout
  case $1 in
    *"$newline"*)
      status=${1%%"$newline"*}
      text=${1#*"$newline"}
      ;;
  esac
}
