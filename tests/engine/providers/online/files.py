"""A file as a server hands it out: whole or from some byte on, with a tag that says whether the rest belongs to the beginning."""

import hashlib
import re

from tests.engine.providers.online.server import Answer, Received


def file_answer(request: Received, data: bytes, mime: str = "video/mp4") -> Answer:
    tag = f'"{hashlib.sha1(data).hexdigest()}"'
    named = {"Content-Type": mime, "ETag": tag, "Accept-Ranges": "bytes"}
    wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
    if wanted is None or request.headers.get("if-range", tag) != tag:
        return Answer(200, data, named)
    start = int(wanted.group(1))
    if start >= len(data):
        return Answer(416, b"", {**named, "Content-Range": f"bytes */{len(data)}"})
    return Answer(206, data[start:], {**named, "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})
