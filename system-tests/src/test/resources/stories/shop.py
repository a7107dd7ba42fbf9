"""A small application for stories: what it answers, how late, and whom it was asked by lie in the folder it runs in.

GET /NAME answers the file NAME. Each request is noted in the file `asked` with its time, before the answer. The file `delay` says
how many seconds to wait; the file `key`, when it is there, what the header Authorization must be.
"""
import http.server
import os
import time


def said(name, otherwise):
    return open(name).read().strip() if os.path.exists(name) else otherwise


class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("asked", "a") as asked:
            asked.write("%.3f %s\n" % (time.time(), self.path))
        time.sleep(float(said("delay", "0")))
        name = self.path.strip("/").replace("/", "-")
        if self.headers.get("Authorization", "") != said("key", self.headers.get("Authorization", "")):
            self.send_error(401)
        elif not os.path.exists(name):
            self.send_error(404)
        else:
            body = open(name, "rb").read()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *words):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 8998), Shop).serve_forever()
