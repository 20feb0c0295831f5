"""The list of readers: which format goes to which, and the one place where a library's surprise becomes our error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from extract.errors import DamagedFile, DocumentError, EmptyFile, EncryptedFile, NeedsConversion, UnsupportedFormat
from extract.flat_opc import as_package
from extract.model import Document, paragraphs
from extract.ofd import read_ofd
from extract.pdf import read_pdf
from extract.plain import read_html, read_text
from extract.scan import read_images
from extract.sheet import read_sheet
from extract.sniff import Format, sniff
from extract.web_archive import read_web_archive
from extract.word import pictures, read_word


def read(data: bytes, name: str = "") -> Document:
    """What `data` says; `name` is only used where the bytes leave the format open.

    Raises a DocumentError, and nothing else: NeedsConversion for formats that LibreOffice has to convert first,
    UnsupportedFormat, EmptyFile, EncryptedFile, DamagedFile, TooLarge or HostileFile.
    """
    found = sniff(data, name)
    if found in REFUSED:
        raise REFUSED[found]()
    try:
        return READERS[found](data)
    except DocumentError:
        raise
    except Exception as error:  # a library met what its author did not foresee: the file is at fault, not the run
        raise DamagedFile from error


def _read_docx(data: bytes) -> Document:
    document = read_word(data)
    if any(p.full.strip() for p in paragraphs(document.elements)):
        return document
    photos = pictures(data)
    if not photos:
        raise EmptyFile
    return read_images(photos)


def _read_flat(data: bytes) -> Document:
    package = as_package(data)
    found = sniff(package)
    if found not in (Format.DOCX, Format.XLSX):
        raise _slides() if found is Format.PPTX else DamagedFile
    return READERS[found](package)


def _read_image(data: bytes) -> Document:
    return read_images((data,))


READERS: Mapping[Format, Callable[[bytes], Document]] = MappingProxyType(
    {
        Format.DOCX: _read_docx,
        Format.PDF: read_pdf,
        Format.OFD: read_ofd,
        Format.IMAGE: _read_image,
        Format.XLSX: read_sheet,
        Format.XLSB: read_sheet,
        Format.XLS: read_sheet,
        Format.ODS: read_sheet,
        Format.CSV: read_sheet,
        Format.HTML: read_html,
        Format.WEB_ARCHIVE: read_web_archive,
        Format.FLAT_OPC: _read_flat,
        Format.SHEET_XML: read_sheet,
        Format.TEXT: read_text,
    }
)


def _archive() -> DocumentError:
    return UnsupportedFormat("压缩包不是文档，须先解开", "请办公室解压后重新放入（办公室处理）")


def _mail() -> DocumentError:
    return UnsupportedFormat("这是一封邮件，不是文档", "请办公室将邮件单独放入收件目录（办公室处理）")


def _xml() -> DocumentError:
    return UnsupportedFormat("这是 XML 格式的文件（如标文通 UOF），不能读取")


def _iwork() -> DocumentError:
    return UnsupportedFormat("苹果电脑的 Pages、Numbers 文件不能读取", "请单位导出为 DOCX、PDF 或 XLSX 重新报送（单位补报）")


def _shortcut() -> DocumentError:
    return UnsupportedFormat("这是快捷方式，文件本身没有发来", "请单位发送文件本身（单位补报）")


def _program() -> DocumentError:
    return UnsupportedFormat("这是可执行程序（可能是自解压压缩包），不予打开", "请单位直接发送文件，或改用 ZIP 压缩包（单位补报）")


def _slides() -> DocumentError:
    return UnsupportedFormat("演示文稿不能作为报告读取")


REFUSED: Mapping[Format, Callable[[], DocumentError]] = MappingProxyType(
    {
        Format.EMPTY: EmptyFile,
        Format.ENCRYPTED_OFFICE: EncryptedFile,
        Format.DOC: NeedsConversion,
        Format.RTF: NeedsConversion,
        Format.ODT: NeedsConversion,
        Format.WORD_XML: NeedsConversion,
        Format.XML: _xml,
        Format.IWORK: _iwork,
        Format.SHORTCUT: _shortcut,
        Format.PROGRAM: _program,
        Format.PPT: _slides,
        Format.PPTX: _slides,
        Format.ZIP: _archive,
        Format.RAR: _archive,
        Format.SEVEN_ZIP: _archive,
        Format.GZIP: _archive,
        Format.BZIP2: _archive,
        Format.XZ: _archive,
        Format.TAR: _archive,
        Format.EML: _mail,
        Format.MSG: _mail,
        Format.TNEF: _mail,
        Format.UNKNOWN: UnsupportedFormat,
    }
)
