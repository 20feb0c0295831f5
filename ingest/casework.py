"""Submissions -> worksheets: each judged alone, then the dossier of each unit put together."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Literal, Protocol

from ingest.documents import Desk, Reading, program_version
from ingest.dossier import Contribution, Dossier, Held, Standing, Trust, Word, decide, in_order
from ingest.incoming import all_files, incoming_alone, incoming_together, page_of, unneeded
from ingest.orders import Orders
from ingest.rules import Rules
from ingest.submission import Submission
from scoring.assess import Incoming, assess
from scoring.changes import Changes, changes
from scoring.journal import ACCEPT
from scoring.worksheet import Role

Sheet = dict[str, Any]
"""A worksheet as its JSON reads."""

WHY = {"duplicate": "与先前收到的文件内容完全相同", "superseded": "已有更新的文件，不再采用"}
WAITING = {"stranger": "发件人未知", "weak": "单位识别把握不大"}
"""Why a submission waits."""
SURE = 0.7
"""How sure (0–1) one must be of the unit for a submission to count by itself, where thresholds.toml does not say."""


_ONE_AT_A_TIME = threading.Lock()
"""Judging uses C libraries (the sequence tagger) that die when two threads use one model; it is not what takes the time."""


class Binder(Protocol):
    """Where judged worksheets are kept by key."""

    def get_sheets(self, key: str) -> str | None: ...

    def put_sheets(self, key: str, sheets: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Case:
    """A submission without its bytes: what the order of arrival and the sources of a worksheet need."""

    id: str
    place: str
    received_at: datetime | None
    seen: int = 0
    """Running number in the ledger."""
    by_hand: bool = False
    """Files without a mail."""

    @property
    def order(self) -> tuple[bool, float, int, str]:
        return in_order(self.received_at, self.seen, self.place)


@dataclass(frozen=True, slots=True)
class Result:
    """A worksheet, and what became of every file that went into it."""

    sheet: Sheet
    cases: tuple[Case, ...]
    states: Mapping[str, str]
    """Place -> state."""
    sources: tuple[str, ...]
    """Places of the submissions in use: the report's, and the catalog's last."""
    kind: Literal["dossier", "waiting", "refused"] = "dossier"
    """The unit's dossier, or one submission that does not take part in it, by itself."""
    cause: str = ""
    """Why it does not."""
    next_step: str = ""

    @property
    def unit(self) -> str | None:
        """The unit's name; None where nobody could tell."""
        name = self.sheet["unit"]["name"]
        return name if isinstance(name, str) else None


def case_of(submission: Submission, seen: int = 0) -> Case:
    """The case of a submission."""
    message = submission.message
    return Case(submission.id, submission.place, message.received_at if message else None, seen, message is None)


def as_json(sheet: Sheet) -> str:
    """As it is stored and printed."""
    return json.dumps(sheet, ensure_ascii=False, indent=1) + "\n"


class Office:
    """Judges submissions by the rules. `load` gives the submission of a case, whenever its bytes are needed."""

    def __init__(
        self,
        rules: Rules,
        desk: Desk,
        load: Callable[[Case], Submission],
        *,
        executor: Executor | None = None,
        binder: Binder | None = None,
        role: Role | None = None,
        guarded: bool = False,
    ) -> None:
        self.rules, self.desk, self.load, self.binder = rules, desk, load, binder
        self.map = executor.map if executor else map
        """Reads the files of one submission; an executor reads several at a time."""
        self.role = role
        """What the caller says every file is; None: told by content."""
        self.guarded = guarded
        """Whether what comes from a stranger, or is hardly the unit's, waits for a person; without it everything counts."""
        self.orders = Orders()
        """What people decided about whose a submission is and what a file is."""
        self.marks: Mapping[str, str] = MappingProxyType({})
        """Digest of a submission -> what was ordered about how it is read (`Orders.mark`), where anything was."""

    def results(self, cases: Iterable[Case]) -> tuple[Result, ...]:
        """Those of each unit in the order of first arrival, and one for each submission of a unit nobody could tell."""
        return tuple(result for members in self.groups(cases) for result in self.results_of(members))

    def groups(self, cases: Iterable[Case]) -> list[list[tuple[Case, Sheet]]]:
        """What belongs to one result: the worksheets of one unit, each with the submission it is of."""
        groups: dict[tuple[str, str], list[tuple[Case, Sheet]]] = {}
        for case in sorted(cases, key=lambda c: c.order):
            for number, sheet in enumerate(self.alone(case)):
                name = sheet["unit"]["name"]
                groups.setdefault(("unit", name) if name else ("case", f"{case.place} {number}"), []).append((case, sheet))
        return list(groups.values())

    def results_of(self, members: Sequence[tuple[Case, Sheet]]) -> tuple[Result, ...]:
        """The results of one group: the unit's dossier, if anything counts, and one for each submission that does not take part."""
        unit = members[0][1]["unit"]["name"]
        if unit is None or (len(members) == 1 and not self.guarded):
            return tuple(self._single(*m) for m in members)
        dossier = decide(
            [self._contribution(*m, unit) for m in members],
            is_late=self.rules.rubric.is_late,
            trust=self._trust(unit) if self.guarded else None,
        )
        apart = [(m, s) for m in members if (s := dossier.standings[m[0].place]) != "counts"]
        found = [self._apart(*m, standing, dossier) for m, standing in apart]
        if len(members) > len(apart):
            found.insert(0, self._single(*members[0]) if len(members) == 1 else self._together(members, dossier))
        return tuple(found)

    def alone(self, case: Case) -> list[Sheet]:
        """The worksheets of one submission by itself, as people ordered it to be taken."""
        sheets = self._kept(self._key_alone(case), lambda: self._alone(case))
        unit = self.orders.units.get(case.id)
        listed = {f["sha256"] for s in sheets for f in s["submission"]["files"]}
        roles = {sha256: role for sha256, role in self.orders.roles.items() if sha256 in listed}
        if unit is None and not roles:
            return sheets
        return self._kept(f"{self._key_alone(case)} of {unit} {sorted(roles.items())}", lambda: self._alone(case, unit, roles))

    def is_judged(self, case: Case) -> bool:
        """Whether that submission was judged before, by this program and these rules."""
        return self.binder is not None and self.binder.get_sheets(self.key(case)) is not None

    def key(self, case: Case) -> str:
        """Under which its worksheets by itself are kept: changes with the program, the rules, and a person's order to read it again."""
        return self._full_key(self._key_alone(case))

    def _alone(self, case: Case, unit: str | None = None, roles: Mapping[str, Role] = MappingProxyType({})) -> list[Sheet]:
        submission = self.load(case)
        incoming = incoming_alone(submission, self._read(submission), role=self.role, roles=roles, unit=unit)
        strange = [problem for message in submission.messages for problem in message.problems]
        sheets = [{**sheet, "notes": [*sheet["notes"], *strange]} for sheet in self._assess(incoming)]
        return [with_files(sheet, all_files(submission, sheet["submission"]["files"])) for sheet in sheets]

    def _single(self, case: Case, sheet: Sheet) -> Result:
        return Result(sheet, (case,), {f["place"]: f["state"] for f in sheet["submission"]["files"]}, (case.place,))

    def _apart(self, case: Case, sheet: Sheet, standing: Standing, dossier: Dossier) -> Result:
        """A submission that does not take part, judged by itself; adds `waiting` to its sheet."""
        told = self._told(case, sheet["unit"]["name"], standing)
        files = [_restated(f, dossier.states[f["place"]], "；".join(t for t in told if t)) for f in sheet["submission"]["files"]]
        kind: Literal["waiting", "refused"] = "refused" if standing == "refused" else "waiting"
        states = {f["place"]: f["state"] for f in files}
        waiting = {"waiting": {"cause": told[0], "next_step": told[1]}} if kind == "waiting" else {}
        return Result({**with_files(sheet, files), **waiting}, (case,), states, (case.place,), kind, *told)

    def _told(self, case: Case, unit: str, standing: Standing) -> tuple[str, str]:
        """(cause, next step) of what does not take part."""
        word = self.orders.word(case.id, unit)
        if standing == "refused" and word is not None:
            return f"{word.by}决定不采用" + (f"（{word.reason}）" if word.reason else ""), ""
        name = PurePosixPath(case.place).name
        called = name if re.fullmatch(r"[^\s:,'\"]{1,40}", name) else case.id[:12]  # as it can be typed
        step = f"请核对后决定：采用的，运行 zicha accept {called} --by 姓名，不采用的，运行 zicha refuse {called} --by 姓名（办公室处理）"
        return WAITING[standing], step

    def _together(self, members: Sequence[tuple[Case, Sheet]], dossier: Dossier) -> Result:
        """The unit's worksheet from the files in use, whatever mails they came in; the others are listed behind them."""
        sheets = {case.place: sheet for case, sheet in members}
        cases = {case.place: case for case, _ in members}
        counting = [m for m in members if dossier.standings[m[0].place] == "counts"]
        base = sheets[dossier.sources[0].place if dossier.sources else counting[-1][0].place]
        sheet = base
        if dossier.sources and len(counting) > 1:
            sheet = self._combined(dossier, [cases[c.place] for c in dossier.sources], base["unit"])
        history = [self._part(case, alone, sheet, dossier) for case, alone in members]
        told = {case.place: "；".join(t for t in (p["cause"], p["next_step"]) if t) for (case, _), p in zip(members, history, strict=True)}
        listed = {f["place"] for f in sheet["submission"]["files"]}
        rest = [
            _restated(f, dossier.states[f["place"]], told[place])
            for place, s in sheets.items()
            for f in s["submission"]["files"]
            if f["place"] not in listed
        ]
        return Result(
            {**with_files(sheet, [*sheet["submission"]["files"], *rest]), "dossier": history},
            tuple(cases.values()),
            dossier.states,
            tuple(c.place for c in dossier.sources),
        )

    def _part(self, case: Case, alone: Sheet, sheet: Sheet, dossier: Dossier) -> dict[str, Any]:
        """What became of one submission of the unit, and what changed between it and what is in use."""
        standing = dossier.standings[case.place]
        cause, step = ("", "") if standing == "counts" else self._told(case, sheet["unit"]["name"], standing)
        use = [role for role, c in (("report", dossier.report), ("catalog", dossier.catalog)) if c and c.place == case.place]
        changed = _changed(case.place, alone, sheet, dossier)
        submission = alone["submission"]
        return {
            "id": case.id,
            "mail": PurePosixPath(case.place).name,
            "sender": submission["sender"],
            "subject": submission["subject"],
            "received_at": submission["received_at"],
            "counts": standing == "counts",
            "state": _part_state(alone, dossier.states, standing, use),
            "use": use,
            "cause": cause,
            "next_step": step,
            **({"changes": changed} if changed else {}),
        }

    def _contribution(self, case: Case, sheet: Sheet, unit: str) -> Contribution:
        held = tuple(Held(f["place"], f["sha256"], f["role"], f["state"]) for f in sheet["submission"]["files"])
        entry = self.orders.word(case.id, unit)
        assigned: Word = "accept" if self.orders.units.get(case.id) == unit else ""
        word: Word = assigned if entry is None else "accept" if entry.kind == ACCEPT else "refuse"
        confidence = float(sheet["unit"]["confidence"])
        sender = _address(sheet["submission"]["sender"])
        return Contribution(case.place, case.received_at, case.order, held, bool(sheet["catalog"]), sender, case.by_hand, confidence, word)

    def _trust(self, unit: str) -> Trust:
        mail = self.rules.roster.unit(unit).mail
        least = self.rules.rubric.tables.get("thresholds.toml", {}).get("dossier", {}).get("unit", SURE)
        return Trust(frozenset({mail.lower()} if mail else ()), float(least))

    def _combined(self, dossier: Dossier, cases: Sequence[Case], unit: dict[str, Any]) -> Sheet:
        chosen = {f.place: f.role for f in dossier.chosen}
        told = next((u for c in cases if (u := self.orders.units.get(c.id))), None)
        key = f"together {[(c.id, c.place) for c in cases]} {sorted(chosen)} {dossier.first_report_at} {unit['name']}"
        if told or any(f.sha256 in self.orders.roles for f in dossier.chosen):
            key += f" of {told} {sorted(chosen.items())}"
        key += "".join(f" again {self.marks[c.id]}" for c in cases if c.id in self.marks)
        sheets = self._kept(key, lambda: self._assess_chosen(dossier, cases, chosen, told))
        sheet = next((s for s in sheets if s["unit"]["name"] == unit["name"]), sheets[0])
        submission = {**sheet["submission"], "corrected_late": sheet["submission"]["corrected_late"] or dossier.corrected_late}
        if dossier.first_report_at:  # an extended deadline is held against it later
            submission["first_report_at"] = dossier.first_report_at.isoformat()
        return {**sheet, "unit": unit, "submission": submission}

    def _assess_chosen(self, dossier: Dossier, cases: Sequence[Case], chosen: Mapping[str, Role], unit: str | None) -> list[Sheet]:
        loaded = [self.load(c) for c in cases]
        readings = {place: reading for s in loaded for place, reading in self._read(s, chosen).items()}
        first, said = dossier.first_report_at, self.orders.roles
        incoming = incoming_together(loaded, readings, chosen, first_report_at=first, unit=unit, said=said)
        places = {f.sha256: p for s in loaded for f in reversed(s.files) if (p := f.place) in chosen}
        return [
            with_files(s, [{**f, "place": places.get(f["sha256"], "")} for f in s["submission"]["files"]]) for s in self._assess(incoming)
        ]

    def _read(self, submission: Submission, only: Iterable[str] | None = None) -> dict[str, Reading]:
        skipped = unneeded(submission)
        parts = [p for p in submission.files if p.place not in skipped and (only is None or p.place in only)]
        return dict(zip((p.place for p in parts), self.map(self.desk.read, parts), strict=True))

    def _assess(self, incoming: Incoming) -> list[Sheet]:
        with _ONE_AT_A_TIME:
            return self._assessed(incoming)

    def _assessed(self, incoming: Incoming) -> list[Sheet]:
        sheets = [json.loads(w.as_json()) for w in assess(incoming, rubric=self.rules.rubric, roster=self.rules.roster)]
        pages = page_of(incoming.files)
        for sheet in sheets:
            files = sheet["submission"]["files"]
            for page, whole in pages.items():
                files[page] |= {"role": files[whole]["role"], "state": files[whole]["state"], "ocr": True, "pages": 1}
        return sheets

    def _kept(self, key: str, make: Callable[[], list[Sheet]]) -> list[Sheet]:
        """The sheets under that key, made by this program and these rules; made now if there are none."""
        full = self._full_key(key)
        kept = self.binder.get_sheets(full) if self.binder else None
        if kept is not None:
            return list(json.loads(kept))
        sheets = make()
        if self.binder:
            self.binder.put_sheets(full, json.dumps(sheets, ensure_ascii=False))
        return sheets

    def _full_key(self, key: str) -> str:
        return f"{key} {self.rules.rubric.sha256} {program_version()}"

    def _key_alone(self, case: Case) -> str:
        again = self.marks.get(case.id)
        return f"alone {case.id} {case.place}" + (f" again {again}" if again else "")


def with_files(sheet: Sheet, files: Sequence[dict[str, Any]]) -> Sheet:
    """The sheet with that list of files."""
    return {**sheet, "submission": {**sheet["submission"], "files": list(files)}}


def _restated(file: dict[str, Any], state: str, told: str = "") -> dict[str, Any]:
    """The file in that state; `told` says why its submission does not take part."""
    if file["state"] == state:
        return file
    why = told or WHY.get(state, "")
    return {**file, "state": state, "problems": [*file["problems"], *([why] if why else [])]}


def _changed(place: str, alone: Sheet, sheet: Sheet, dossier: Dossier) -> Changes | None:
    """From an older report or catalog to what is in use; from what is in use to what waits. None where nothing can be compared."""
    new = dossier.standings[place] != "counts"
    states = {f["role"]: dossier.states[f["place"]] for f in alone["submission"]["files"] if f["role"] in ("report", "catalog")}
    old = {role for role, state in states.items() if state in ("superseded", "waiting", "not_needed")}
    report = "report" in old and bool(alone["blocks"]) and dossier.report is not None and dossier.report.place != place
    catalog = bool(alone["catalog"]) and bool(sheet["catalog"]) and (dossier.catalog is None or dossier.catalog.place != place)
    catalog = catalog and ("catalog" in old or "catalog" not in states)
    if not report and not catalog:
        return None
    before, after = (sheet, alone) if new else (alone, sheet)
    return changes(before, after, report=report, catalog=catalog)


def _part_state(alone: Sheet, states: Mapping[str, str], standing: Standing, use: Sequence[str]) -> str:
    """One word for a whole submission."""
    if use:
        return "used"
    if standing != "counts":
        return "not_needed" if standing == "refused" else "waiting"
    own = {states[f["place"]] for f in alone["submission"]["files"] if f["role"] in ("report", "catalog")}
    return next((s for s in ("superseded", "duplicate", "quarantined") if s in own), "not_needed")


def _address(sender: str) -> str:
    """The address in a sender's line, lower case."""
    found = re.search(r"[\w.+-]+@[\w.-]+", sender)
    return found.group().lower() if found else ""
