# Opens connections at a steady pace and prints when each began (milliseconds since the epoch) and how long it took to open, or -1,
# as JSON. Arguments: address, port, connections a second, seconds.
import json, selectors, socket, sys, time

host, port, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
LONGEST = 6
waiting = selectors.DefaultSelector()
opened = []
began = time.monotonic()
many = 0


def end(one, took):
    waiting.unregister(one.fileobj)
    opened.append([round(one.data[1] * 1000, 3), round(took * 1000, 3)])
    one.fileobj.close()


while True:
    now = time.monotonic()
    if now - began < seconds and many <= (now - began) * rate:
        client = socket.socket()
        client.setblocking(False)
        waiting.register(client, selectors.EVENT_WRITE, (now, time.time()))
        client.connect_ex((host, port))
        many += 1
    elif now - began >= seconds and not waiting.get_map():
        break
    for one, _ in waiting.select(0.004):
        failed = one.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        end(one, -0.001 if failed else time.monotonic() - one.data[0])
    for one in [one for one in waiting.get_map().values() if now - one.data[0] > LONGEST]:
        end(one, -0.001)
json.dump(opened, sys.stdout)
