"""Pieces -> HTML as web editors and office suites write it, and flat OpenDocument with a template's own styles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from random import Random

from producer_pieces import Piece, countable, counts_itself, spaced

_BODY = "font-family:仿宋_GB2312,FangSong,'Noto Serif CJK SC';font-size:16pt"


def editor_page(pieces: Sequence[Piece], *, seed: int) -> bytes:
    """A page as a web editor leaves it: spans inside spans, blanks for indents, counted lists, tables of paragraphs."""
    rnd = Random(seed)
    parts = ['<html><head><meta charset="utf-8"><meta name="Generator" content="editor"></head><body>']
    for piece in pieces:
        if piece.kind == "title":
            parts.append(f'<p style="text-align:center"><strong><span style="font-size:22pt">{escape(piece.text)}</span></strong></p>')
        elif piece.kind == "heading":
            parts.append(
                f'<p style="text-indent:2em"><strong><span style="font-family:黑体;font-size:16pt">{escape(piece.full)}</span></strong></p>'
            )
        elif piece.kind == "text":
            lines = "<br>".join(_spans(line, rnd) for line in piece.full.split("\n"))
            indent = rnd.choice(("&nbsp;&nbsp;&nbsp; ", "　　", '<span style="mso-spacerun:yes">&nbsp;&nbsp;&nbsp; </span>'))
            parts.append(f'<p class="MsoNormal"><span style="{_BODY}">{indent}{lines}</span></p>')
        else:
            parts.append(_editor_table(piece, rnd))
    return ("\n".join(parts) + "</body></html>").encode()


def _spans(text: str, rnd: Random) -> str:
    """Cut into spans as an editor does where fonts change, digits in a font of their own."""
    out, k = [], 0
    while k < len(text):
        step = rnd.randint(3, 14)
        out.append(
            f'<span style="font-family:{rnd.choice(("仿宋", "仿宋_GB2312", "Times New Roman"))}">{escape(text[k : k + step])}</span>'
        )
        k += step
    return "".join(out)


def _editor_table(table: Piece, rnd: Random) -> str:
    rows = []
    for k, row in enumerate(table.rows):
        span = f' colspan="{table.columns}"' if len(row) == 1 else ""
        cells = "".join(
            f'<td{span} style="border:1px solid #000;padding:0 5px"><p style="text-align:center">{escape(spaced(v))}</p></td>'
            if k < table.head
            else f'<td{span} style="border:1px solid #000">{"".join(f"<p>{_spans(x, rnd)}</p>" for x in v.split(chr(10)))}</td>'
            for v in row
        )
        rows.append(f"<tr>{cells}</tr>")
    return f'<table border="1" cellspacing="0" style="border-collapse:collapse;width:100%">{"".join(rows)}</table><p><br></p>'


def browser_page(pieces: Sequence[Piece], *, running: str = "", ruled: bool = True, heavy: bool = True) -> bytes:
    """A page meant for printing: style sheets, a running header, tables by CSS with grey rules or stripes alone; `heavy`: bold heads."""
    weight = "bold" if heavy else "normal"
    border = "border:1px solid #888" if ruled else "border:none"
    css = f"""
    @page {{ size:A4; margin:22mm 24mm; @top-right {{ content:"{running}"; font-size:10pt }} }}
    body {{ font:16pt/1.7 'Noto Serif CJK SC',serif; text-align:justify }}
    h1 {{ font-size:20pt; text-align:center }} h2 {{ font-size:16pt }} 
    h1,h2,h3,h4,th {{ font-weight:{weight} }} h3,h4 {{ font-size:16pt; margin:.3em 0 }}
    p {{ text-indent:2em; margin:0 }} table {{ border-collapse:collapse; width:100%; font-size:12pt; margin:8pt 0 }}
    td,th {{ {border}; padding:3pt 5pt; vertical-align:middle; text-align:left }} tr:nth-child(even) {{ background:#f2f2f2 }}
    """
    parts = [f'<html lang="zh"><head><meta charset="utf-8"><title>{escape(pieces[0].text)}</title><style>{css}</style></head><body>']
    for piece in pieces:
        if piece.kind == "title":
            parts.append(f"<h1>{escape(piece.text)}</h1>")
        elif piece.kind == "heading":
            parts.append(f"<h{piece.level + 1}>{escape(piece.full)}</h{piece.level + 1}>")
        elif piece.kind == "text":
            parts.append(f"<p>{escape(piece.full).replace(chr(10), '<br>')}</p>")
        else:
            rows = [_browser_row(row, piece.columns, "th" if k < piece.head else "td") for k, row in enumerate(piece.rows)]
            parts.append(f"<table><thead>{''.join(rows[: piece.head])}</thead><tbody>{''.join(rows[piece.head :])}</tbody></table>")
    return ("\n".join(parts) + "</body></html>").encode()


def _browser_row(row: Sequence[str], columns: int, tag: str) -> str:
    span = f' colspan="{columns}"' if len(row) == 1 else ""
    return "<tr>" + "".join(f"<{tag}{span}>{escape(v).replace(chr(10), '<br>')}</{tag}>" for v in row) + "</tr>"


_SPACES = " ".join(
    f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"'
    for n, v in (("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("fo", "xsl-fo-compatible"))
)
_STYLES = """<office:styles>
<style:style style:name="Standard" style:family="paragraph"><style:text-properties style:font-name-asian="仿宋" fo:font-size="16pt"
 style:font-size-asian="16pt"/></style:style>
<style:style style:name="正文缩进" style:family="paragraph" style:parent-style-name="Standard">
 <style:paragraph-properties fo:text-indent="1.1cm"/></style:style>
<style:style style:name="公文标题" style:family="paragraph" style:parent-style-name="Standard">
 <style:paragraph-properties fo:text-align="center"/>
 <style:text-properties fo:font-size="22pt" style:font-size-asian="22pt"
 fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>
<style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph" style:parent-style-name="Standard"
 style:default-outline-level="1">
 <style:text-properties style:font-name-asian="黑体"/></style:style>
<style:style style:name="Heading_20_2" style:display-name="Heading 2" style:family="paragraph" style:parent-style-name="Standard"
 style:default-outline-level="2">
 <style:text-properties style:font-name-asian="楷体"/></style:style>
<style:style style:name="Heading_20_3" style:display-name="Heading 3" style:family="paragraph" style:parent-style-name="Standard"
 style:default-outline-level="3"/>
<style:style style:name="表格内容" style:family="paragraph" style:parent-style-name="Standard">
 <style:text-properties style:font-size-asian="12pt"/></style:style>
OUTLINE
<text:list-style style:name="行号">
 <text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/></text:list-style>
</office:styles>
<office:automatic-styles><style:style style:name="格" style:family="table-cell"><style:table-cell-properties fo:padding="0.1cm"
 fo:border-left="none" fo:border-right="none" fo:border-top="0.5pt solid #4472c4" fo:border-bottom="0.5pt solid #4472c4"/></style:style>
<style:style style:name="头" style:family="table-cell"><style:table-cell-properties fo:background-color="#4472c4"/></style:style>
</office:automatic-styles>"""
_OUTLINE = """<text:outline-style style:name="Outline">
<text:outline-level-style text:level="1" style:num-format="一, 二, 三, ..." style:num-suffix="、"/>
<text:outline-level-style text:level="2" style:num-format="一, 二, 三, ..." style:num-prefix="（" style:num-suffix="）"/>
</text:outline-style>"""


def open_document(pieces: Sequence[Piece]) -> bytes:
    """Flat ODT: heading styles with counted numbers where they can be counted, tables with a style and header rows, counted rows."""
    counted = countable(pieces)
    parts = [f'<?xml version="1.0" encoding="UTF-8"?><office:document {_SPACES} office:version="1.3" ']
    parts.append('office:mimetype="application/vnd.oasis.opendocument.text">')
    parts.append(_STYLES.replace("OUTLINE", _OUTLINE if counted else "") + "<office:body><office:text>")
    for k, piece in enumerate(pieces):
        if piece.kind == "title":
            parts.append(_paragraph(piece.text, "公文标题"))
        elif piece.kind == "heading":
            text = piece.text if counted else piece.full
            level = piece.level
            parts.append(f'<text:h text:style-name="Heading_20_{level}" text:outline-level="{level}">{escape(text)}</text:h>')
        elif piece.kind == "text":
            parts.append(_paragraph(piece.full, "正文缩进"))
        else:
            parts.append(_open_table(piece, k))
    return ("".join(parts) + "</office:text></office:body></office:document>").encode()


def _paragraph(text: str, style: str) -> str:
    return f'<text:p text:style-name="{style}">{escape(text).replace(chr(10), "<text:line-break/>")}</text:p>'


def _open_table(table: Piece, number: int) -> str:
    counted = counts_itself(table)
    rows = []
    for k, row in enumerate(table.rows):
        cells = [_open_cell(v, "头" if k < table.head else "格", table.columns if len(row) == 1 else 1) for v in row]
        if counted and len(row) > 1 and k >= table.head:
            cells[0] = f'<table:table-cell table:style-name="格">{_counted(f"l{number}-{k}", goes_on=k > table.head)}</table:table-cell>'
        rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    columns = f'<table:table-column table:number-columns-repeated="{table.columns}"/>'
    head = f"<table:table-header-rows>{''.join(rows[: table.head])}</table:table-header-rows>" if table.head else ""
    return f'<table:table table:name="t{number}">{columns}{head}{"".join(rows[table.head :])}</table:table><text:p/>'


def _counted(name: str, *, goes_on: bool) -> str:
    """An empty item of the list that counts the rows of a table."""
    start = f'<text:list text:style-name="行号" xml:id="{name}" text:continue-numbering="{str(goes_on).lower()}">'
    return f"{start}<text:list-item><text:p/></text:list-item></text:list>"


def _open_cell(text: str, style: str, span: int) -> str:
    spans = f' table:number-columns-spanned="{span}"' if span > 1 else ""
    covered = "<table:covered-table-cell/>" * (span - 1)
    inside = "".join(_paragraph(line, "表格内容") for line in text.split("\n"))
    return f'<table:table-cell table:style-name="{style}"{spans}>{inside}</table:table-cell>{covered}'
