"""Mails and archives of any shape: never an exception, every leaf exactly one arrival, the bounds hold, nothing escapes."""

from __future__ import annotations

import io
import warnings
import zipfile
from email.message import Message

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.submission import Root, Submission, from_files, from_mail
from ingest.unpack import Bounds

CALM = settings(max_examples=40, derandomize=True, deadline=None)
Leaf = tuple[str, bytes]
Tree = "Leaf | list[Tree]"

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
LEAVES = st.tuples(st.sampled_from(["file", "rfc822"]), st.binary(max_size=40))
KINDS = st.sampled_from(["mixed", "alternative", "related", "digest", "signed", "parallel", "x-unknown"])
TREES = st.recursive(LEAVES, lambda inner: st.tuples(KINDS, st.lists(inner, max_size=4)), max_leaves=14)


def part(tree: object, numbers: list[int]) -> Message:
    """The MIME tree as a message; every file leaf carries its own number."""
    kind, inside = tree  # type: ignore[misc]
    found = Message()
    if isinstance(inside, list):
        found["Content-Type"] = f'multipart/{kind}; boundary="b{len(numbers)}-{id(inside)}"'
        found.set_payload([part(t, numbers) for t in inside])
    else:
        numbers.append(len(numbers))
        leaf = Message()
        leaf["Content-Type"] = "application/octet-stream"
        leaf["Content-Disposition"] = f'attachment; filename="{numbers[-1]}.bin"'
        leaf["Content-Transfer-Encoding"] = "base64"
        leaf.set_payload("eA==\n")
        if kind == "file":
            return leaf
        leaf["From"], leaf["Subject"], leaf["MIME-Version"] = "a@county.example", "inner", "1.0"
        found["Content-Type"] = "message/rfc822"
        found.set_payload([leaf])
    return found


@CALM
@given(TREES)
def test_every_leaf_of_any_mime_tree_is_exactly_one_arrival(tree: object) -> None:
    numbers: list[int] = []
    mail = part(tree, numbers)
    mail["From"], mail["Subject"], mail["MIME-Version"] = "a@county.example", "x", "1.0"
    found = from_mail(Root("a.eml", mail.as_bytes()), Bounds(depth=30))
    assert sorted(p.name for p in found.files if p.name.endswith(".bin")) == sorted(f"{n}.bin" for n in numbers)
    holds_together(found)


def holds_together(found: Submission) -> None:
    """Places are unique, and each but the outermost has a parent that is there and is a container."""
    places = {p.place: p for p in found.parts}
    assert len(places) == len(found.parts)
    for p in found.parts:
        assert p.parent is None or (p.parent in places and p.place.startswith(p.parent + "#"))
        assert p.problem or p.sha256
        assert p.name


HEADER_NAMES = st.sampled_from([b"Content-Type: ", b"Content-Disposition: ", b"Subject: ", b"Content-Transfer-Encoding: "])
HEADERS = st.lists(st.tuples(HEADER_NAMES, st.binary(max_size=80)), max_size=6)


@CALM
@given(HEADERS, st.binary(max_size=200))
def test_headers_of_noise_never_fail(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    lines = b"".join(name + value.replace(b"\n", b" ") + b"\r\n" for name, value in headers)
    holds_together(from_mail(Root("a.eml", b"From: a@county.example\r\nSubject: x\r\n" + lines + b"\r\n" + body)))


def packed(files: list[tuple[str, object]], depth: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in files:
            data = packed(inside, depth + 1) if isinstance(inside, list) else inside
            assert isinstance(data, bytes)
            info = zipfile.ZipInfo("x")
            info.filename = name or "x"
            with warnings.catch_warnings(action="ignore"):  # the same name twice is no reason to stop
                archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


SIZES = st.one_of(st.binary(max_size=30).map(lambda d: b"-" + d), st.integers(0, 3000).map(lambda n: b"-" * n))
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).filter(
    lambda n: not n.endswith("/")
)
ARCHIVES = st.recursive(
    st.lists(st.tuples(PLAIN, SIZES), max_size=4),
    lambda inner: st.lists(st.tuples(PLAIN, st.one_of(SIZES, inner)), max_size=4),
    max_leaves=8,
)
TIGHT = Bounds(total=6000, one=2500, count=12, depth=3)


@CALM
@given(ARCHIVES)
def test_archives_of_any_shape_stay_within_their_bounds_and_add_up(files: list[tuple[str, object]]) -> None:
    found = from_files([Root("a.zip", packed(files))], TIGHT)
    holds_together(found)
    inside = [p for p in found.parts if p.parent]
    assert len(inside) <= TIGHT.count
    assert sum(len(p.data) for p in inside) <= TIGHT.total
    assert all(len(p.data) <= TIGHT.one for p in inside)
    assert max(p.place.count("#") for p in found.parts) <= TIGHT.depth + 1
    for p in inside:
        assert not p.name.startswith("/") and ".." not in p.name.split("/") and "\\" not in p.name and p.name.isprintable()


@CALM
@given(ARCHIVES)
def test_an_archive_within_its_bounds_gives_back_every_file(files: list[tuple[str, object]]) -> None:
    found = from_files([Root("a.zip", packed(files))], Bounds(depth=30))
    assert sorted(p.data for p in found.files if p.parent and not p.problem) == sorted(leaves(files))
    assert not [p for p in found.files if p.problem and "空" not in p.problem.cause]


def leaves(files: list[tuple[str, object]]) -> list[bytes]:
    return [d for _, inside in files for d in (leaves(inside) if isinstance(inside, list) else [inside])]  # type: ignore[list-item]


WHOLE = packed([("自查/a.docx", b"x" * 300), ("b.zip", [("c", b"y" * 50)])])


@CALM
@given(st.integers(0, len(WHOLE)), st.binary(min_size=1, max_size=6), st.integers(0, len(WHOLE)))
def test_a_changed_or_cut_archive_ends_in_files_or_sentences(at: int, change: bytes, end: int) -> None:
    found = from_files([Root("a.zip", (WHOLE[:at] + change + WHOLE[at + len(change) :])[:end] or b"PK")])
    holds_together(found)
    assert all(p.problem.cause and p.problem.next_step for p in found.parts if p.problem)
