"""A document with an opening password, and the password -> the same document without one."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable

import msoffcrypto
import pypdfium2
import pypdfium2.raw as pdfium
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from extract.errors import DamagedFile, DocumentError, EncryptedFile, UnsupportedFormat
from extract.sniff import Format, sniff

WRONG = "密码不正确，文件未能打开"
_TRAILER_ID = re.compile(rb"/ID\s?\[<([0-9A-F]{1,128})><([0-9A-F]{1,128})>\]([^/\[\]]{0,80}startxref\s+\d+\s+%%EOF\s*)\Z")
AGAIN = "请核对密码后再试，或请单位去掉密码后重新报送（办公室处理）"


def unlock(data: bytes, name: str, password: str) -> bytes:
    """The bytes of an Office document or a PDF as it would be without its password.

    Raises EncryptedFile for a wrong password, UnsupportedFormat where there is none to open or no way to, DamagedFile.
    """
    found = sniff(data, name)
    try:
        if found is Format.ENCRYPTED_OFFICE:
            return _office(data, password)
        if found is Format.PDF:
            return _pdf(data, password)
    except DocumentError:
        raise
    except Exception as error:  # a library met what its author did not foresee: the file is at fault, not the run
        raise DamagedFile from error
    raise UnsupportedFormat("此文件没有打开密码，或其密码不能在此输入", "请单位去掉密码后重新报送（单位补报）")


def _office(data: bytes, password: str) -> bytes:
    out = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=password)
        file.decrypt(out)
    except (InvalidKeyError, DecryptionError) as error:
        raise EncryptedFile(WRONG, AGAIN) from error
    except (FileFormatError, ParseError) as error:
        raise DamagedFile from error
    opened = out.getvalue()
    if sniff(opened) in (Format.ENCRYPTED_OFFICE, Format.UNKNOWN, Format.EMPTY):  # some ciphers have no check of their own
        raise EncryptedFile(WRONG, AGAIN)
    return opened


def _pdf(data: bytes, password: str) -> bytes:
    if _opens(data, None):
        raise UnsupportedFormat("此文件没有打开密码", "请重试读取，或请单位重新报送（办公室处理）")
    if not _opens(data, password):
        raise EncryptedFile(WRONG, AGAIN)
    out = io.BytesIO()
    with pypdfium2.PdfDocument(data, password=password) as document:
        document.save(out, flags=pdfium.FPDF_REMOVE_SECURITY)
    return _TRAILER_ID.sub(_lasting_id(data), out.getvalue())


def _lasting_id(data: bytes) -> Callable[[re.Match[bytes]], bytes]:
    """The same document always comes out as the same bytes: the library makes up a number of its own each time."""
    digits = hashlib.sha512(data).hexdigest().upper().encode()
    return lambda m: b"/ID[<" + digits[: len(m[1])] + b"><" + digits[: len(m[2])] + b">]" + m[3]


def _opens(data: bytes, password: str | None) -> bool:
    """Whether that password opens it; raises DamagedFile where none would."""
    try:
        pypdfium2.PdfDocument(data, password=password).close()
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            return False
        raise DamagedFile from error
    return True
