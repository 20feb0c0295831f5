"""A mail that a person looks at, completes and sends: an .eml draft, to the roster's address and to no other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP

from scoring.roster import RosterUnit
from templates.letters_texts import Texts
from templates.plaintext import clean, line

DOCX = "vnd.openxmlformats-officedocument.wordprocessingml.document"
_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?")


def draft(
    unit: RosterUnit | None, subject: str, lines: Sequence[str], texts: Texts, *, attachments: Mapping[str, bytes] | None = None
) -> bytes:
    """The mail as bytes: no sender, no date, marked as not sent. Without a usable address To stays empty and the first line says so."""
    address, remark = _address(unit, texts)
    mail = EmailMessage(policy=SMTP.clone(max_line_length=76))
    mail["X-Unsent"] = "1"
    mail["To"] = address
    mail["Subject"] = line(subject)
    mail.set_content("\n".join(clean(text) for text in (*remark, *lines)) + "\n", charset="utf-8", cte="base64")
    for name, data in (attachments or {}).items():
        mail.add_attachment(data, maintype="application", subtype=DOCX, filename=name)
    if attachments:
        parts = b"".join([subject.encode(), "\n".join(lines).encode(), *attachments.values()])
        mail.set_boundary("zicha-" + hashlib.sha256(parts).hexdigest()[:32])  # the library's own would be another each time
    return mail.as_bytes()


def _address(unit: RosterUnit | None, texts: Texts) -> tuple[str, tuple[str, ...]]:
    """(what stands behind To, what the draft says about it)."""
    if unit is None:
        return "", (texts.say("draft", "no_unit"), "")
    if not unit.mail:
        return "", (texts.say("draft", "no_address"), "")
    if not _ADDRESS.fullmatch(unit.mail.strip()):
        return "", (texts.say("draft", "bad_address"), "")
    return unit.mail.strip(), ()
