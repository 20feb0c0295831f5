"""Outlook's own forms: a .msg is a mail like any other, a winmail.dat gives up its files and words."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extract.errors import DamagedFile
from ingest.mail import read_mail
from ingest.outlook import BY_DELIVERY, BY_SENDING, ONLY_RTF, read_msg, read_tnef
from ingest.submission import Root, Submission, submissions

Tree = Mapping[str, "bytes | Tree"]
SECTOR, SMALL = 512, 64
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
TEXT, NARROW, BINARY, TIME, NUMBER = 0x001F, 0x001E, 0x0102, 0x0040, 0x0003


def compound(tree: Tree) -> bytes:
    """An OLE compound file with those streams and storages, as MS-CFB lays it out."""
    entries: list[list[object]] = [["Root Entry", 5, FREE, FREE, FREE, b""]]  # name, kind, left, right, child, data

    def add(branch: Tree) -> int:
        first = previous = FREE
        for name, value in branch.items():
            number = len(entries)
            entries.append([name, 2 if isinstance(value, bytes) else 1, FREE, FREE, FREE, value if isinstance(value, bytes) else b""])
            if previous == FREE:
                first = number
            else:
                entries[previous][3] = number
            previous = number
            if not isinstance(value, bytes):
                entries[number][4] = add(value)
        return first

    entries[0][4] = add(tree)
    sectors: list[bytes] = []
    chains: list[int] = []

    def store(data: bytes) -> int:
        if not data:
            return END
        start, count = len(sectors), -(-len(data) // SECTOR)
        for k in range(count):
            sectors.append(data[k * SECTOR : (k + 1) * SECTOR].ljust(SECTOR, b"\0"))
            chains.append(start + k + 1 if k + 1 < count else END)
        return start

    small, small_chain = b"", []
    starts: list[int] = []
    for entry in entries:
        data = entry[5]
        assert isinstance(data, bytes)
        if entry[1] == 2 and 0 < len(data) < 4096:
            start, count = len(small_chain), -(-len(data) // SMALL)
            small += data.ljust(count * SMALL, b"\0")
            small_chain += [start + k + 1 if k + 1 < count else END for k in range(count)]
            starts.append(start)
        else:
            starts.append(store(data) if entry[1] == 2 else 0)
    starts[0] = store(small)
    small_fat = store(struct.pack(f"<{len(small_chain)}I", *small_chain))
    directory = b""
    for k, (name, kind, left, right, child, data) in enumerate(entries):
        assert isinstance(name, str) and isinstance(data, bytes)
        coded = name.encode("utf-16-le")
        size = len(small) if k == 0 else len(data)
        directory += struct.pack("<64sHBBIII16sIQQIQ", coded, len(coded) + 2, kind, 1, left, right, child, b"", 0, 0, 0, starts[k], size)
    directory_start = store(directory)
    fat_start = len(sectors)
    fat_count = next(n for n in range(1, 100) if n * (SECTOR // 4) >= fat_start + n)
    table = [*chains, *[FAT] * fat_count]
    table += [FREE] * (fat_count * (SECTOR // 4) - len(table))
    fat = struct.pack(f"<{len(table)}I", *table)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack(
        "<IIIIIIIII", 0, fat_count, directory_start, 0, 4096, small_fat if small else END, -(-len(small_chain) * 4 // SECTOR), END, 0
    )
    head += struct.pack("<109I", *[fat_start + k for k in range(fat_count)], *[FREE] * (109 - fat_count))
    return head + b"".join(sectors) + fat


def item(properties: Mapping[tuple[int, int], object], header: int, **storages: Tree) -> Tree:
    """A message or attachment; {(number, type): value}. `header`: bytes before the first property."""
    fixed, streams = b"", {}
    for (number, kind), value in properties.items():
        field = struct.pack("<q", 0)
        if kind == TEXT:
            assert isinstance(value, str)
            streams[f"__substg1.0_{number:04X}001F"] = value.encode("utf-16-le")
        elif kind in (NARROW, BINARY):
            assert isinstance(value, bytes)
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = value
        elif kind == TIME:
            assert isinstance(value, datetime)
            field = struct.pack("<q", int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10_000_000))
        else:
            assert isinstance(value, int)
            field = struct.pack("<ii", value, 0)
        fixed += struct.pack("<HHI", kind, number, 6) + field
    return {"__properties_version1.0": bytes(header) + fixed, **streams, **storages}


def file_item(name: str, data: bytes) -> Tree:
    return item({(0x3707, TEXT): name, (0x3701, BINARY): data, (0x3705, NUMBER): 1}, 8)


def msg(properties: Mapping[tuple[int, int], object], *attachments: Tree) -> bytes:
    return compound(message(properties, *attachments))


def message(properties: Mapping[tuple[int, int], object], *attachments: Tree, header: int = 32) -> Tree:
    return item(properties, header, **{f"__attach_version1.0_#{k:08X}": a for k, a in enumerate(attachments)})


HEADERS = (
    "Microsoft Mail Internet Headers Version 2.0\r\n"
    "Received: from a.example by b.example;\r\n\tSat, 20 Jan 2018 23:59:00 +0800\r\n"
    "From: =?gb2312?B?xLPP2A==?= <office@county.example>\r\nSubject: =?gb2312?B?19Sy6bGouOY=?=\r\n"
    'Content-Type: multipart/mixed; boundary="old"\r\n\r\n'
)
WORDS = {
    (0x0037, TEXT): "自查报告",
    (0x1000, TEXT): "现报上，请查收。",
    (0x0C1A, TEXT): "某县政府办",
    (0x0C1F, TEXT): "office@county.example",
}
DELIVERED, SENT = datetime(2018, 1, 20, 15, 59, tzinfo=UTC), datetime(2018, 1, 20, 15, 30, tzinfo=UTC)


def only(data: bytes, name: str = "来信.msg") -> Submission:
    (found,) = submissions([Root(name, data)])
    return found


def tree(found: Submission) -> list[tuple[str, str, str]]:
    return [(p.place, p.kind, p.name) for p in found.parts]


def test_a_msg_is_a_mail_with_its_files_as_arrivals_and_its_own_bytes() -> None:
    data = msg(WORDS, file_item("自查报告.docx", b"one" * 3000), file_item("目录.xlsx", b"two"))
    found = only(data)
    assert tree(found) == [("来信.msg", "mail", "来信.msg"), ("来信.msg#1", "file", "自查报告.docx"), ("来信.msg#2", "file", "目录.xlsx")]
    assert [p.data for p in found.parts] == [data, b"one" * 3000, b"two"]
    assert found.message is not None
    assert (found.message.subject, found.message.sender, found.message.body) == (
        "自查报告", "某县政府办 <office@county.example>", "现报上，请查收。",
    )  # fmt: skip


def test_a_msg_is_known_by_its_content_whatever_its_name() -> None:
    assert tree(only(msg(WORDS), "来信"))[0][1] == "mail"


def test_a_msg_of_noise_is_named_as_damaged() -> None:
    (part,) = only(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "__properties_version1.0".encode("utf-16-le")).parts
    assert part.problem is not None
    assert part.problem.cause == "Outlook 邮件文件已损坏"


def test_a_document_that_holds_an_outlook_item_stays_a_document() -> None:
    data = compound({"WordDocument": b"x" * 5000, "ObjectPool": message(WORDS)})
    (part,) = only(data, "报告.doc").parts
    assert (part.kind, part.problem) == ("file", None)


def test_the_headers_that_came_over_the_wire_tell_the_time_and_the_sender() -> None:
    found = only(msg({**WORDS, (0x007D, TEXT): HEADERS, (0x0E06, TIME): SENT}, file_item("a.docx", b"1"))).message
    assert found is not None
    assert (found.received_at, found.received_from, found.problems) == (DELIVERED, "Received", ())
    assert (found.subject, found.sender) == ("自查报告", "某县 <office@county.example>")
    assert [a.name for a in found.attachments] == ["a.docx"]


CLOCKS = [
    pytest.param({(0x0E06, TIME): DELIVERED, (0x0039, TIME): SENT}, DELIVERED, "Received", BY_DELIVERY, id="the time of delivery"),
    pytest.param({(0x0039, TIME): SENT}, SENT, "Date", BY_SENDING, id="the time of sending"),
    pytest.param({}, None, None, "邮件中没有可用的时间", id="none"),
]


@pytest.mark.parametrize(("times", "moment", "clock", "note"), CLOCKS)
def test_without_headers_outlook_s_own_times_count_and_the_worksheet_says_which(
    times: dict[tuple[int, int], object], moment: datetime | None, clock: str | None, note: str
) -> None:
    found = only(msg({**WORDS, **times})).message
    assert found is not None
    assert (found.received_at, found.received_from, found.problems) == (moment, clock, (note,))
    assert moment is None or str(found.received_at).endswith("+08:00")


ANSI = "自查报告.docx".encode("gb18030")
PAGES = [
    pytest.param({(0x3FFD, NUMBER): 936}, "", id="936"),
    pytest.param({(0x3FFD, NUMBER): 1252}, "文件名编码不明，按 GB18030 推断", id="1252, which is not true"),
    pytest.param({}, "文件名编码不明，按 GB18030 推断", id="none"),
]


@pytest.mark.parametrize(("page", "doubt"), PAGES)
def test_a_msg_in_a_code_page_is_read_and_says_how_sure_the_name_is(page: dict[tuple[int, int], object], doubt: str) -> None:
    attachment = item({(0x3707, NARROW): ANSI, (0x3701, BINARY): b"1"}, 8)
    narrow = {(0x0037, NARROW): "关于报送的函".encode("gb18030"), (0x1000, NARROW): "请查收附件".encode("gb18030")}
    found = only(msg({**narrow, **page}, attachment))
    assert found.message is not None
    assert (found.message.subject, found.message.body) == ("关于报送的函", "请查收附件")
    assert [(p.name, p.doubt) for p in found.files] == [("自查报告.docx", doubt)]


def test_a_body_in_html_only_is_read_in_its_own_code_page() -> None:
    page = "<table><tr><td>序号</td><td>材料名称</td></tr><tr><td>1</td><td>实施方案</td></tr></table>".encode("gb18030")
    found = only(msg({(0x0037, TEXT): "目录", (0x1013, BINARY): page, (0x3FDE, NUMBER): 936})).message
    assert found is not None
    assert found.body == "序号\t材料名称\n1\t实施方案"


def test_a_body_that_outlook_kept_in_rtf_only_is_named() -> None:
    found = only(msg({(0x0037, TEXT): "x", (0x1009, BINARY): b"LZFu"})).message
    assert found is not None
    assert ONLY_RTF in found.problems


def test_a_mail_forwarded_inside_a_msg_gives_its_files() -> None:
    inner = message({**WORDS, (0x0037, TEXT): "原信"}, file_item("自查报告.docx", b"1"), header=24)
    attachment = item({(0x3001, TEXT): "原信", (0x3705, NUMBER): 5}, 8, **{"__substg1.0_3701000D": inner})
    found = only(msg(WORDS, attachment))
    assert tree(found) == [("来信.msg", "mail", "来信.msg"), ("来信.msg#1", "mail", "原信.eml"), ("来信.msg#1#1", "file", "自查报告.docx")]
    assert [m.subject for m in found.messages] == ["自查报告", "原信"]


def test_a_msg_that_is_attached_to_a_mail_is_opened(make_mail: Callable[..., bytes]) -> None:
    found = only(make_mail({"转发.msg": msg(WORDS, file_item("自查报告.docx", b"1"))}), "a.eml")
    assert tree(found) == [("a.eml", "mail", "a.eml"), ("a.eml#1", "mail", "转发.msg"), ("a.eml#1#1", "file", "自查报告.docx")]


def test_mails_inside_mails_without_end_stop_at_the_bound() -> None:
    branch = message(WORDS, file_item("a.docx", b"1"), header=24)
    for _ in range(9):
        branch = message(WORDS, item({(0x3001, TEXT): "原信"}, 8, **{"__substg1.0_3701000D": branch}), header=24)
    branch = {**branch, "__properties_version1.0": bytes(8) + branch["__properties_version1.0"]}  # type: ignore[operator]
    last = only(compound(branch)).parts[-1]
    assert last.problem is not None
    assert "层层转发过深" in last.problem.cause


@pytest.mark.parametrize("cut", [600, 1500, 2500, 4000])
def test_a_truncated_msg_is_a_mail_in_part_or_damaged_with_one_sentence(cut: int) -> None:
    data = msg(WORDS, file_item("自查报告.docx", b"one" * 3000))
    try:
        (mail,) = read_msg(data[:cut]).attachments or [None]
    except DamagedFile as error:
        assert error.cause == "Outlook 邮件文件已损坏"
    else:
        assert mail is None or read_mail(mail.data)


def tnef(*pieces: tuple[int, int, bytes]) -> bytes:
    """A TNEF stream of (level, attribute, value)."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for level, attribute, value in pieces:
        out += struct.pack("<BII", level, attribute, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    return out


PAGE = (1, 0x00069007, struct.pack("<II", 936, 0))
BEGIN = (2, 0x00069002, bytes(14))


def properties(**values: object) -> bytes:
    """MAPI properties; n3707="…" is Unicode, bytes are binary."""
    out = struct.pack("<I", len(values))
    for name, value in values.items():
        coded = value.encode("utf-16-le") + b"\0\0" if isinstance(value, str) else value
        assert isinstance(coded, bytes)
        kind = TEXT if isinstance(value, str) else BINARY
        out += struct.pack("<HHII", kind, int(name[1:], 16), 1, len(coded)) + coded + bytes(-len(coded) % 4)
    return out


def winmail(name: str = "自查报告.docx", *, page: bool = True) -> bytes:
    title = (2, 0x00018010, name.encode("gb18030") + b"\0")
    return tnef(*([PAGE] if page else []), (1, 0x0002800C, "请查收".encode("gb18030")), BEGIN, title, (2, 0x0006800F, b"data\0\0"))


def test_the_files_of_a_winmail_are_arrivals_below_it(make_mail: Callable[..., bytes]) -> None:
    found = only(make_mail({"winmail.dat": winmail()}, body="见附件"), "a.eml")
    assert tree(found) == [("a.eml", "mail", "a.eml"), ("a.eml#1", "archive", "winmail.dat"), ("a.eml#1#1", "file", "自查报告.docx")]
    assert found.parts[2].data == b"data\0\0"


def test_the_words_of_a_winmail_stand_for_a_mail_that_has_none(make_mail: Callable[..., bytes]) -> None:
    own, none = (only(make_mail({"winmail.dat": winmail()}, body=body), "a.eml").message for body in ("见附件", ""))
    assert own is not None and none is not None
    assert (own.body.strip(), none.body) == ("见附件", "请查收")


def test_a_long_unicode_name_in_a_winmail_wins_over_the_short_one() -> None:
    data = tnef(
        PAGE, BEGIN, (2, 0x00018010, b"ZICHA~1.DOC\0"), (2, 0x0006800F, b"1"), (2, 0x00069005, properties(n3707="㙓县自查报告.docx"))
    )
    assert [(a.name, a.doubt) for a in read_tnef(data).attachments] == [("㙓县自查报告.docx", "")]


def test_a_name_in_a_winmail_without_a_code_page_is_marked() -> None:
    (found,) = read_tnef(winmail(page=False)).attachments
    assert (found.name, found.doubt) == ("自查报告.docx", "文件名编码不明，按 GB18030 推断")


def test_a_winmail_that_holds_no_files_is_not_asked_for_again(make_mail: Callable[..., bytes]) -> None:
    found = only(make_mail({"winmail.dat": tnef(PAGE)}), "a.eml")
    assert [(p.kind, p.problem) for p in found.parts] == [("mail", None), ("archive", None)]


def test_a_winmail_of_a_public_project_is_opened(corpus: Path) -> None:
    (path,) = (corpus / "mail").glob("*tnef__ukr.eml")
    found = only(path.read_bytes(), "a.eml")
    assert [p.kind for p in found.parts] == ["mail", "archive"]


@pytest.mark.parametrize("cut", range(6, 120, 7))
def test_a_truncated_winmail_gives_what_is_whole(cut: int) -> None:
    try:
        found = read_tnef(winmail()[:cut])
    except DamagedFile:
        assert cut < 20
    else:
        assert all(a.name for a in found.attachments)


@pytest.mark.parametrize("many", [b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"])
def test_a_winmail_that_promises_billions_of_properties_takes_no_time(many: bytes) -> None:
    whole = properties(n3707="自查.docx")
    for broken in (
        many + whole[4:],
        whole[:8] + many + whole[12:],
        whole[:12] + many + whole[16:],
        whole[:4] + b"\x02\x10" + whole[6:8] + many,
    ):
        started = time.monotonic()
        assert len(read_tnef(tnef(PAGE, BEGIN, (2, 0x00069005, broken))).attachments) == 1
        assert time.monotonic() - started < 1


def test_a_msg_whose_folders_form_a_circle_is_refused(make_mail: Callable[..., bytes]) -> None:
    data = bytearray(msg(WORDS, file_item("a.docx", b"1")))
    at = data.index("__attach_version1.0_#".encode("utf-16-le"))
    data[at + 76 : at + 80] = struct.pack("<I", 0)  # its child is the root
    (part,) = [p for p in only(bytes(data)).parts if p.problem] or [None]
    assert part is None or (part.problem and part.problem.cause)
