"""A browser without pictures: keeps cookies, sends the form's token, follows redirects."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """`path` and `status` are those of the page it ended on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path, self.status, self.page = "/", 0, ""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> None:
        self._open(urllib.request.Request(self.url + path))

    def post(self, path: str, **fields: str) -> None:
        """Opens the page of a form, then sends it."""
        self.get(path)
        token = _TOKEN.search(self.page)
        if token:
            fields["csrfmiddlewaretoken"] = token[1]
        body = urllib.parse.urlencode(fields).encode()
        self._open(urllib.request.Request(self.url + path, body, {"Origin": self.url}))

    def _open(self, request: urllib.request.Request) -> None:
        try:
            answer = self._opener.open(request, timeout=15)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            self.page = answer.read().decode(errors="replace")
            self.status = answer.status
            self.path = urllib.parse.urlsplit(answer.url).path
