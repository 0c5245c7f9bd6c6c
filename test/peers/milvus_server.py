"""Milvus Lite on a free port of the loopback interface: prints the port, stops on SIGTERM or when its input ends."""
import signal
import sys
import threading

from milvus_lite.adapter.grpc.server import start_server_in_thread

server, db, port = start_server_in_thread(sys.argv[1], host="127.0.0.1", port=int(sys.argv[2]))
print(port, flush=True)
stop = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: stop.set())


def watch_input():
    # The parent's end closes our input: no server outlives its test, on Windows either.
    sys.stdin.read()
    stop.set()


threading.Thread(target=watch_input, daemon=True).start()
stop.wait()
server.stop(grace=1).wait()
db.close()
