"""Why a document cannot be read: one family of errors, each with its next step."""

from __future__ import annotations


class DocumentError(Exception):
    """A document that cannot be read.

    `cause` is one Chinese sentence saying what is wrong; `next_step` says whose move it is
    (单位补报 / 办公室处理 / 管理员处理) and what to do. Neither names the file: the caller knows it.
    """

    cause = "文件无法读取"
    next_step = "请单位核对后重新报送（单位补报）"

    def __init__(self, cause: str | None = None, next_step: str | None = None) -> None:
        self.cause = cause or type(self).cause
        self.next_step = next_step or type(self).next_step
        super().__init__(f"{self.cause}；{self.next_step}")

    def __reduce__(self) -> tuple[type[DocumentError], tuple[str, str]]:
        return type(self), (self.cause, self.next_step)


class EmptyFile(DocumentError):
    """Nothing in it: 0 bytes, or a container without a single character or picture."""

    cause = "文件是空的，没有任何内容"


class DamagedFile(DocumentError):
    """Truncated, or not what its format demands."""

    cause = "文件已损坏或传输不完整"


class EncryptedFile(DocumentError):
    """Needs a password to open."""

    cause = "文件设有打开密码"
    next_step = "请单位去掉密码后重新报送，或由办公室提供密码（单位补报）"


class UnsupportedFormat(DocumentError):
    """A format that no reader takes."""

    cause = "文件格式不能识别"
    next_step = "请单位改用 DOCX、PDF 或 XLSX 重新报送（单位补报）"


class NeedsConversion(DocumentError):
    """A legacy format (.doc, .wps, .xls …) that has to be converted before it can be read."""

    cause = "旧格式文件需要转换后才能读取"
    next_step = "请在本机安装 LibreOffice，或请单位另存为 DOCX、PDF 重新报送（管理员处理）"


class TooLarge(DocumentError):
    """Beyond the bounds of size, pages, pixels, time or memory."""

    cause = "文件过大，超出处理上限"
    next_step = "请办公室人工查看，或请单位拆分后重新报送（办公室处理）"


class HostileFile(DocumentError):
    """Carries a trick: an entity bomb, a decompression bomb, an escaping path."""

    cause = "文件含有异常结构，为安全起见未予打开"
    next_step = "请单位用办公软件重新另存后报送（单位补报）"
