"""Submissions -> worksheets: each judged alone, then the dossier of each unit put together."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from ingest.documents import Desk, Reading, program_version
from ingest.dossier import Contribution, Dossier, Held, decide, in_order
from ingest.incoming import all_files, incoming_alone, incoming_together, page_of, unneeded
from ingest.orders import Orders
from ingest.rules import Rules
from ingest.submission import Submission
from scoring.assess import Incoming, assess
from scoring.worksheet import Role

Sheet = dict[str, Any]
"""A worksheet as its JSON reads."""

WHY = {"duplicate": "与先前收到的文件内容完全相同", "superseded": "已有更新的文件，不再采用"}


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

    @property
    def unit(self) -> str | None:
        """The unit's name; None where nobody could tell."""
        name = self.sheet["unit"]["name"]
        return name if isinstance(name, str) else None


def case_of(submission: Submission, seen: int = 0) -> Case:
    """The case of a submission."""
    return Case(submission.id, submission.place, submission.message.received_at if submission.message else None, seen)


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
    ) -> None:
        self.rules, self.desk, self.load, self.binder = rules, desk, load, binder
        self.map = executor.map if executor else map
        """Reads the files of one submission; an executor reads several at a time."""
        self.role = role
        """What the caller says every file is; None: told by content."""
        self.orders = Orders()
        """What people decided about whose a submission is and what a file is."""

    def results(self, cases: Iterable[Case]) -> tuple[Result, ...]:
        """One result for each unit in the order of first arrival, and one for each submission of a unit nobody could tell."""
        return tuple(self.result(members) for members in self.groups(cases))

    def groups(self, cases: Iterable[Case]) -> list[list[tuple[Case, Sheet]]]:
        """What belongs to one result: the worksheets of one unit, each with the submission it is of."""
        groups: dict[tuple[str, str], list[tuple[Case, Sheet]]] = {}
        for case in sorted(cases, key=lambda c: c.order):
            for number, sheet in enumerate(self.alone(case)):
                name = sheet["unit"]["name"]
                groups.setdefault(("unit", name) if name else ("case", f"{case.place} {number}"), []).append((case, sheet))
        return list(groups.values())

    def result(self, members: Sequence[tuple[Case, Sheet]]) -> Result:
        """The result of one group."""
        return self._single(*members[0]) if len(members) == 1 else self._together(members)

    def alone(self, case: Case) -> list[Sheet]:
        """The worksheets of one submission by itself, as people ordered it to be taken."""
        sheets = self._kept(_key_alone(case), lambda: self._alone(case))
        unit = self.orders.units.get(case.id)
        listed = {f["sha256"] for s in sheets for f in s["submission"]["files"]}
        roles = {sha256: role for sha256, role in self.orders.roles.items() if sha256 in listed}
        if unit is None and not roles:
            return sheets
        return self._kept(f"{_key_alone(case)} of {unit} {sorted(roles.items())}", lambda: self._alone(case, unit, roles))

    def is_judged(self, case: Case) -> bool:
        """Whether that submission was judged before, by this program and these rules."""
        return self.binder is not None and self.binder.get_sheets(self._full_key(_key_alone(case))) is not None

    def _alone(self, case: Case, unit: str | None = None, roles: Mapping[str, Role] = MappingProxyType({})) -> list[Sheet]:
        submission = self.load(case)
        incoming = incoming_alone(submission, self._read(submission), role=self.role, roles=roles, unit=unit)
        strange = [problem for message in submission.messages for problem in message.problems]
        sheets = [{**sheet, "notes": [*sheet["notes"], *strange]} for sheet in self._assess(incoming)]
        return [with_files(sheet, all_files(submission, sheet["submission"]["files"])) for sheet in sheets]

    def _single(self, case: Case, sheet: Sheet) -> Result:
        return Result(sheet, (case,), {f["place"]: f["state"] for f in sheet["submission"]["files"]}, (case.place,))

    def _together(self, members: Sequence[tuple[Case, Sheet]]) -> Result:
        """The unit's worksheet from the files in use, whatever mails they came in; the others are listed behind them."""
        dossier = decide([_contribution(*m) for m in members], is_late=self.rules.rubric.is_late)
        sheets = {case.place: sheet for case, sheet in members}
        cases = {case.place: case for case, _ in members}
        base = sheets[dossier.sources[0].place if dossier.sources else members[-1][0].place]
        sheet = self._combined(dossier, [cases[c.place] for c in dossier.sources], base["unit"]) if dossier.sources else base
        listed = {f["place"] for f in sheet["submission"]["files"]}
        rest = [
            _restated(f, dossier.states[f["place"]]) for s in sheets.values() for f in s["submission"]["files"] if f["place"] not in listed
        ]
        return Result(
            with_files(sheet, [*sheet["submission"]["files"], *rest]),
            tuple(cases.values()),
            dossier.states,
            tuple(c.place for c in dossier.sources),
        )

    def _combined(self, dossier: Dossier, cases: Sequence[Case], unit: dict[str, Any]) -> Sheet:
        chosen = {f.place: f.role for f in dossier.chosen}
        told = next((u for c in cases if (u := self.orders.units.get(c.id))), None)
        key = f"together {[(c.id, c.place) for c in cases]} {sorted(chosen)} {dossier.first_report_at} {unit['name']}"
        if told or any(f.sha256 in self.orders.roles for f in dossier.chosen):
            key += f" of {told} {sorted(chosen.items())}"
        sheets = self._kept(key, lambda: self._assess_chosen(dossier, cases, chosen, told))
        sheet = next((s for s in sheets if s["unit"]["name"] == unit["name"]), sheets[0])
        submission = sheet["submission"]
        return {
            **sheet,
            "unit": unit,
            "submission": {**submission, "corrected_late": submission["corrected_late"] or dossier.corrected_late},
        }

    def _assess_chosen(self, dossier: Dossier, cases: Sequence[Case], chosen: Mapping[str, Role], unit: str | None) -> list[Sheet]:
        loaded = [self.load(c) for c in cases]
        readings = {place: reading for s in loaded for place, reading in self._read(s, chosen).items()}
        incoming = incoming_together(loaded, readings, chosen, first_report_at=dossier.first_report_at, unit=unit)
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


def _key_alone(case: Case) -> str:
    return f"alone {case.id} {case.place}"


def with_files(sheet: Sheet, files: Sequence[dict[str, Any]]) -> Sheet:
    """The sheet with that list of files."""
    return {**sheet, "submission": {**sheet["submission"], "files": list(files)}}


def _restated(file: dict[str, Any], state: str) -> dict[str, Any]:
    if file["state"] == state:
        return file
    return {**file, "state": state, "problems": [*file["problems"], *([WHY[state]] if state in WHY else [])]}


def _contribution(case: Case, sheet: Sheet) -> Contribution:
    held = tuple(Held(f["place"], f["sha256"], f["role"], f["state"]) for f in sheet["submission"]["files"])
    return Contribution(case.place, case.received_at, case.order, held, bool(sheet["catalog"]))
