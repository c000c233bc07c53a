# The second rung: packet sockets of Python 3, which the image for EKS has and tcpdump not. The kernel filters, and no packet wakes it:
# it looks twice a second, or ten times where many come. Once it has used its share of the CPU it looks at every second
# connection only, and forgets those that it no longer looks at: what it ends with holds for the whole time.
# shellcheck disable=SC2016 # The text is Python's.
python_program='
import ctypes, os, signal, socket, struct, sys, time

folder, seconds, budget, most, port = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
libc = ctypes.CDLL(None, use_errno=True)
ended = []
signal.signal(signal.SIGTERM, lambda number, frame: ended.append(number))

def enter(path):
  handle = os.open(path, os.O_RDONLY)
  try:
    if libc.setns(handle, 0x40000000) != 0:
      raise OSError(ctypes.get_errno(), "setns")
  finally:
    os.close(handle)

def assemble(lines):
  places, code = {}, []
  for line in lines:
    if isinstance(line, str):
      places[line] = len(code)
    else:
      code.append(line)
  out = b""
  for here, (op, k, jump_true, jump_false) in enumerate(code):
    step = [places[one] - here - 1 if one else 0 for one in (jump_true, jump_false)]
    out += struct.pack("HBBI", op, step[0], step[1], k)
  return len(code), out

# Classic BPF; the packet begins with its IP header, whatever the link. X holds where TCP begins.
def program(mask, port):
  code = [
    (0x30, 0, 0, 0), (0x54, 0xF0, 0, 0), (0x15, 0x40, "four", None), (0x15, 0x60, "six", "no"),
    "four", (0x30, 9, 0, 0), (0x15, 6, None, "no"), (0x28, 6, 0, 0), (0x45, 0x1FFF, "no", None),
    (0xB1, 0, 0, 0), (0x05, 3, 0, 0),
    "six", (0x30, 6, 0, 0), (0x15, 6, None, "no"), (0x01, 40, 0, 0),
    "tcp", (0x50, 13, 0, 0), (0x45, 0x06, None, "no"),
  ]
  if port:
    code += [(0x48, 0, 0, 0), (0x15, port, "flags", None), (0x48, 2, 0, 0), (0x15, port, None, "no"), "flags"]
  code += [
    (0x50, 13, 0, 0), (0x45, 0x10, "answer", None), (0x40, 4, 0, 0), (0x05, 2, 0, 0),
    "answer", (0x40, 8, 0, 0), (0x14, 1, 0, 0),
    "number", (0x54, mask, 0, 0), (0x15, 0, "yes", "no"),
    "yes", (0x06, 0xFFFF, 0, 0), "no", (0x06, 0, 0, 0),
  ]
  return assemble(code)

def attach(one, mask, port):
  count, code = program(mask, port)
  buffer = ctypes.create_string_buffer(code, len(code))
  one.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HP", count, ctypes.addressof(buffer)))

points = []
failed = []
home = "/proc/self/ns/net"
home_handle = os.open(home, os.O_RDONLY)
for text in sys.argv[6:]:
  number, stage, interface, pid = text.split("/")
  try:
    if pid != "0":
      enter("/proc/%s/ns/net" % pid)
    one = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    asked = int(port) if stage == "uplink" and port != "any" else 0
    attach(one, 0, asked)
    one.setsockopt(socket.SOL_SOCKET, 33, 2 << 20)
    one.setsockopt(socket.SOL_SOCKET, 35, 1)
    one.bind((interface, 3))
    one.setblocking(False)
    points.append((int(number), one, asked, []))
  except (OSError, ValueError):
    failed.append(number)
  finally:
    if pid != "0":
      libc.setns(home_handle, 0x40000000)

thin, missed, came = 1, 0, 1000
began = looked = time.monotonic()
cost = time.process_time()
open(folder + "/ready", "w").close()

def number_of(packet):
  start = 40 if packet[0] >> 4 == 6 else (packet[0] & 15) * 4
  if packet[start + 13] & 16:
    return (struct.unpack_from(">I", packet, start + 8)[0] - 1) & 0xFFFFFFFF
  return struct.unpack_from(">I", packet, start + 4)[0]

def thin_out():
  global thin
  thin *= 2
  for number, one, asked, held in points:
    attach(one, thin - 1, asked)
    held[:] = [entry for entry in held if number_of(entry[1]) & (thin - 1) == 0]

# It is told to end; where nobody is left who could, it ends later.
while not ended and time.monotonic() < began + seconds + 30:
  time.sleep(0.1 if came > 200 else 0.5)
  came = 0
  for number, one, asked, held in points:
    try:
      while True:
        packet, extra, flags, sender = one.recvmsg(128, 64)
        came += 1
        if len(packet) < 40 or (thin > 1 and number_of(packet) & (thin - 1)):
          continue
        held.append((extra[0][2][:16] if extra else b"", packet))
    except (OSError, IndexError, struct.error):
      pass
  held_all = sum(len(held) for number, one, asked, held in points)
  now = time.monotonic()
  if held_all > most and thin < 1024:
    thin_out()
  elif now - looked >= 1:
    # What is left would not do at the pace of the last second.
    used = time.process_time()
    pace = (used - cost) / (now - looked)
    if thin < 1024 and used + pace * max(0, began + seconds - now) > budget:
      thin_out()
    looked, cost = now, used

with open(folder + "/lines", "w") as lines:
  for number, one, asked, held in points:
    try:
      missed += struct.unpack("II", one.getsockopt(263, 6, 8))[1]
    except OSError:
      pass
    with open("%s/pcap.%d" % (folder, number), "wb") as pcap:
      pcap.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 128, 101))
      for stamp, packet in held:
        try:
          second, nano = struct.unpack("qq", stamp)
          six = packet[0] >> 4 == 6
          start = 40 if six else (packet[0] & 15) * 4
          sport, dport, seq, ack, offset, flags = struct.unpack_from(">HHIIBB", packet, start)
          end = start + (offset >> 4) * 4
          at, value = start + 20, "-"
          while at < min(end, len(packet)):
            kind = packet[at]
            if kind == 0:
              break
            if kind == 1:
              at += 1
              continue
            if kind == 8 and at + 6 <= len(packet):
              value = str(struct.unpack_from(">I", packet, at + 2)[0])
            at += max(2, packet[at + 1])
        except (IndexError, struct.error):
          continue
        family, source, width = (socket.AF_INET6, 8, 16) if six else (socket.AF_INET, 12, 4)
        what = "R" if flags & 4 else "A" if flags & 16 else "S"
        lines.write("%d %d.%06d %s %s %d %s %d %d %d %s\n" % (
          number, second, nano // 1000, what,
          socket.inet_ntop(family, packet[source:source + width]), sport,
          socket.inet_ntop(family, packet[source + width:source + 2 * width]), dport, seq, ack, value))
        # Headers alone: what the packet carries stays on the node.
        kept = packet[:end]
        pcap.write(struct.pack("=IIII", second, nano // 1000, len(kept), len(packet)) + kept)
with open(folder + "/meta", "w") as meta:
  meta.write("thin %d\nmissed %d\nfailed %s\ncpu %.2f\nend\n" % (thin, missed, ",".join(failed) or "-", time.process_time()))
'

try_python() {
  command -v python3 >/dev/null 2>&1 || return 1
  # An image may have Python without what this needs.
  bounded 5 python3 -I -S -c 'import ctypes, signal, socket, struct; socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)' 2>/dev/null
}

start_python() {
  # Its own share of the CPU in hundredths of a second: 1.2 % of a core, so that the shell keeps the rest.
  python_budget=$(((seconds + 6) * 12 / 10 + 12))
  set -- "$trace_folder" "$((seconds + 6))" "$((python_budget / 100)).$(printf '%02d' $((python_budget % 100)))" "$point_packets" "$port"
  while read -r number stage _ interface pid _; do
    [ -z "$number" ] || set -- "$@" "$number/$stage/$interface/$pid"
  done <<END
$points
END
  launch $((3 + seconds / 10)) python3 -I -S -c "$python_program" "$@" >/dev/null 2>"$trace_folder/python.said"
  capture_pids=$launched
  captures_hung=0
}

stop_python() {
  kill -TERM "$capture_pids" 2>/dev/null
  python_tries=0
  while ! grep -qsx end "$trace_folder/meta" && kill -0 "$capture_pids" 2>/dev/null && [ "$python_tries" -lt 60 ]; do
    pause
    python_tries=$((python_tries + 1))
  done
  end_captures "$capture_pids"
  python_meta=$(head -c 2000 "$trace_folder/meta" 2>/dev/null)
  case $python_meta in
    'thin '*end) ;;
    *) return 1 ;;
  esac
  thin=$(printf '%s\n' "$python_meta" | sed -n 's/^thin \([0-9]*\)$/\1/p')
  missed=$(printf '%s\n' "$python_meta" | sed -n 's/^missed \([0-9]*\)$/\1/p')
  python_failed=$(printf '%s\n' "$python_meta" | sed -n 's/^failed \([0-9,]*\)$/\1/p')
  [ -z "$python_failed" ] || points_left_out="$points_left_out points$python_failed=not-captured"
}
