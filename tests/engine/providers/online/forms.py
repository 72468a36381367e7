"""Forms with files, as a service takes them apart. Knows nothing of the program."""

import email.policy
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser

from tests.engine.providers.online.server import Received


@dataclass(frozen=True)
class FilePart:
    filename: str
    mime: str
    data: bytes


@dataclass
class Form:
    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, FilePart] = field(default_factory=dict)


def form_of(request: Received) -> Form | None:
    """None where the body is no multipart form."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head + request.body)
    if message.get_content_type() != "multipart/form-data":
        return None
    form = Form()
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        assert isinstance(name, str) and isinstance(data, bytes)
        filename = part.get_filename()
        if filename is None:
            form.fields[name] = data.decode()
        else:
            form.files[name] = FilePart(filename, part.get_content_type(), data)
    return form
