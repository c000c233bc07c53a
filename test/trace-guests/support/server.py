# Accepts connections inside the pod. Argument: port.
import socket, sys

listener = socket.create_server(('0.0.0.0', int(sys.argv[1])), backlog=4096)
while True:
    listener.accept()[0].close()
