"""`datasets/NAME/card.yaml` and `vN.jsonl`: every line checked, every version hashed."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pydantic import ValidationError

from paygrade import leaks
from paygrade.errors import Mistake, UsageError, WorkspaceError
from paygrade.records.agent import Fault
from paygrade.records.card import CardFacts, CardVersion
from paygrade.records.plan import Dataset
from paygrade.records.sample import Exposure, Sample
from paygrade.workspace.emptiness import NothingToRun
from paygrade.workspace.entries import bind_checks
from paygrade.workspace.files import is_there
from paygrade.workspace.identity import digest, digest_of_all
from paygrade.workspace.jsonl_reader import read_lines
from paygrade.workspace.models import CardModel, SampleModel, VersionModel
from paygrade.workspace.validate import closest, explain, validated
from paygrade.workspace.yaml_reader import read_yaml
from pytx import MoneyError, exponent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from paygrade.records.check import CheckSpec
    from paygrade.records.json_value import Json
    from paygrade.records.protocols import Catalogue
    from paygrade.records.sample import CaseClass
    from paygrade.workspace.config import Layout
    from paygrade.workspace.jsonl_reader import Line
    from paygrade.workspace.models import FaultModel
    from paygrade.workspace.yaml_reader import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A dataset's card, with the document it was read from."""

    model: CardModel
    document: Document
    folder: Path

    def version(self, number: int) -> tuple[int, VersionModel] | None:
        """The card's entry for version `number`, with its place in the list."""
        entries = enumerate(self.model.versions)
        return next(((i, each) for i, each in entries if each.version == number), None)


def names(layout: Layout) -> list[str]:
    """All datasets that have a card."""
    return sorted(file.parent.name for file in layout.datasets.glob("*/card.yaml"))


def read_card(layout: Layout, name: str) -> Card:
    """Read `datasets/NAME/card.yaml`.

    Raises:
        UsageError: there is no such dataset.
        WorkspaceError: every mistake in the card.
    """
    file = layout.datasets / name / "card.yaml"
    if not is_there(file):
        hint = closest(name, names(layout)) or f"write {layout.shown(file)}"
        raise UsageError(f"there is no dataset {name!r}", hint=hint)
    document = read_yaml(file, layout.shown(file))
    card = Card(model=validated(CardModel, document), document=document, folder=file.parent)
    mistakes = []
    if card.model.dataset != name:
        problem = f"the dataset is called {card.model.dataset!r}, its folder {name!r}"
        mistakes.append(document.mistake(("dataset",), problem, "give both one name"))
    seen: set[int] = set()
    for index, each in enumerate(card.model.versions):
        if each.version in seen:
            place = ("versions", index, "version")
            mistakes.append(document.mistake(place, f"lists version {each.version} twice"))
        seen.add(each.version)
    if mistakes:
        raise WorkspaceError(mistakes)
    return card


def card_facts(card: Card, dataset: Dataset) -> CardFacts:
    """What the card tells of `dataset`, with what its samples come to."""
    model, samples = card.model, dataset.samples
    by_slice: dict[str, Counter[str]] = {name: Counter() for name in model.slices}
    money: Counter[str] = Counter()
    for sample in samples:
        for name, values in sample.slices.items():
            by_slice[name].update(values)
        if sample.exposure:
            money[sample.exposure.currency] += sample.exposure.amount_minor
    return CardFacts(
        dataset=dataset.name,
        version=dataset.version,
        title=model.title,
        description=model.description,
        licence=model.licence,
        labels=model.labels,
        contact=model.contact,
        sources=tuple(model.sources),
        known_gaps=tuple(model.known_gaps),
        slices=model.slices,
        versions=tuple(
            CardVersion(
                version=each.version,
                date=each.date.isoformat(),
                samples=each.samples,
                sha256=each.sha256,
                changes=each.changes,
            )
            for each in model.versions
        ),
        content_hash=dataset.content_hash,
        canary=dataset.canary,
        samples=len(samples),
        cases=len({each.case for each in samples}),
        by_slice={name: dict(counted) for name, counted in by_slice.items()},
        by_class=dict(Counter(each.case_class for each in samples)),
        by_origin=dict(Counter(each.origin or "not said" for each in samples)),
        money=dict(money),
    )


def read_dataset(layout: Layout, reference: str, catalogue: Catalogue, today: dt.date) -> Dataset:
    """Read and check `NAME@vN`: its lines, its ids, its card's count and hash.

    Raises:
        UsageError: there is no such dataset or version.
        WorkspaceError: every mistake in the card and the lines.
    """
    name, _, digits = reference.rpartition("@v")
    card = read_card(layout, name)
    entry = card.version(int(digits))
    if entry is None:
        known = [f"{name}@v{each.version}" for each in card.model.versions]
        raise UsageError(f"there is no dataset {reference!r}", hint=closest(reference, known))
    file = card.folder / f"v{digits}.jsonl"
    reader = _Reader(layout.shown(file), card, catalogue, today)
    samples = [sample for line in read_lines(file, reader.path) for sample in reader.samples(line)]
    if reader.mistakes:
        raise WorkspaceError(reader.mistakes)
    if not samples:
        problem, hint = "holds no sample, so nothing could run", "one JSON object a line"
        raise WorkspaceError([NothingToRun(path=reader.path, problem=problem, hint=hint)])
    dataset = Dataset(
        name=name,
        version=int(digits),
        path=reader.path,
        samples=tuple(samples),
        canary=reader.canary,
        content_hash=digest_of_all(reader.hashes),
        locked=bool(entry[1].sha256),
        warnings=tuple(reader.warnings),
    )
    mistakes = list(_against_card(dataset, card, *entry))
    if mistakes:
        raise WorkspaceError(mistakes)
    return dataset


def _against_card(
    dataset: Dataset, card: Card, index: int, version: VersionModel
) -> Iterator[Mistake]:
    if version.samples != len(dataset.samples):
        problem = f"says v{version.version} has {version.samples} samples"
        hint = f"{dataset.path} has {len(dataset.samples)}"
        yield card.document.mistake(("versions", index, "samples"), problem, hint)
    if version.sha256 and version.sha256 != dataset.content_hash:
        newest = max(each.version for each in card.model.versions)
        problem = f"v{version.version} is locked by its card and was edited: its hash differs"
        hint = f"restore it from git and write v{newest + 1}.jsonl instead"
        yield Mistake(path=dataset.path, problem=problem, hint=hint)


class _Reader:
    """Turns lines into samples and keeps all that is wrong on the way."""

    def __init__(self, path: str, card: Card, catalogue: Catalogue, today: dt.date) -> None:
        self.path = path
        self.canary = ""
        self.mistakes: list[Mistake] = []
        self.hashes: list[str] = []
        self.warnings: list[str] = []
        self._card = card
        self._catalogue = catalogue
        self._today = today
        self._lines: dict[str, int] = {}
        self._begun = False

    def samples(self, line: Line) -> Iterator[Sample]:
        self.mistakes += line.mistakes
        if line.mistakes:
            return
        if not isinstance(line.data, dict):
            self._add(line, "is not a JSON object", 'one sample a line: {"id": …}')
        elif "canary" in line.data and "id" not in line.data:
            self._take_canary(line, line.data)
        else:
            sample = self._sample(line, cast("dict[str, Json]", line.data))
            if sample:
                yield sample
        self._begun = True

    def _take_canary(self, line: Line, data: Mapping[str, Json]) -> None:
        canary = data["canary"]
        if self._begun:
            self._add(line, "is a canary below samples", "it stands on the first line")
        elif len(data) > 1 or not isinstance(canary, str) or not canary:
            self._add(line, "is not a canary", 'write {"canary": "TEXT"} and nothing else')
        else:
            self.canary = canary

    def _add(self, line: Line, problem: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(path=self.path, line=line.number, problem=problem, hint=hint))

    def _sample(self, line: Line, data: dict[str, Json]) -> Sample | None:
        try:
            model = SampleModel.model_validate(data)
        except ValidationError as error:
            for _, problem, hint in explain(error, SampleModel):
                self._add(line, problem, hint)
            return None
        before = len(self.mistakes)
        checks = self._checks(line, model)
        self._check_id(line, model.id)
        self._check_slices(line, model)
        self._check_class(line, model)
        self._check_exposure(line, model)
        if model.faults and model.world is None:
            self._add(line, "'faults' strike the tools of a 'world', and there is none")
        if len(self.mistakes) > before:
            return None
        self.hashes.append(digest(data))
        faults = tuple(_fault(each) for each in model.faults)
        judged = [model.input, model.expected, model.checks]
        if model.world is not None:
            judged += [model.world, [dataclasses.asdict(each) for each in faults]]
        return Sample(
            id=model.id,
            input=model.input,
            expected=model.expected,
            case=model.case or model.id,
            case_class=self._class(line, model),
            quarantined_until=model.until.isoformat() if model.until else "",
            quarantined_why=model.why or "",
            slices={
                name: (value,) if isinstance(value, str) else tuple(value)
                for name, value in model.slices.items()
            },
            exposure=Exposure(
                amount_minor=model.exposure.amount_minor, currency=model.exposure.currency
            )
            if model.exposure
            else None,
            checks=checks,
            content_hash=digest(judged),
            line=line.number,
            origin=str(model.provenance.get("origin", "")),
            world=model.world,
            faults=faults,
        )

    def _checks(self, line: Line, model: SampleModel) -> tuple[CheckSpec, ...]:
        checks, problems = bind_checks(model.checks, self._catalogue)
        for place, problem, hint in problems:
            self._add(line, f"checks[{place[0]}]: {problem}", hint)
        return checks

    def _check_id(self, line: Line, sample_id: str) -> None:
        first = self._lines.setdefault(sample_id, line.number)
        if first != line.number:
            self._add(line, f"the id {sample_id!r} is taken by line {first}", "ids are unique")
        masked = leaks.mask(sample_id).text
        if masked != sample_id:
            hint = "ids stand in every report, where it would be masked: choose another"
            self._add(line, f"the id {masked!r} holds what must not be stored", hint)

    def _check_slices(self, line: Line, model: SampleModel) -> None:
        for name in model.slices:
            if name not in self._card.model.slices:
                hint = closest(name, self._card.model.slices) or "declare it in card.yaml"
                self._add(line, f"the slice {name!r} is not declared in card.yaml", hint)

    def _check_class(self, line: Line, model: SampleModel) -> None:
        if model.class_ != "quarantined":
            if model.until or model.why:
                self._add(line, "'until' and 'why' belong to the class 'quarantined' alone")
        elif not (model.until and model.why):
            self._add(line, "a quarantined sample needs 'until' (a date) and 'why'")

    def _class(self, line: Line, model: SampleModel) -> CaseClass:
        """A quarantine that is over is over: the sample counts again, and the run says so."""
        if model.class_ == "quarantined" and model.until and model.until < self._today:
            self.warnings.append(
                f"{self.path}:{line.number}: the quarantine of {model.id!r} ended on "
                f"{model.until}: it counts again"
            )
            return "statistical"
        return model.class_

    def _check_exposure(self, line: Line, model: SampleModel) -> None:
        if model.exposure:
            try:
                exponent(model.exposure.currency)
            except MoneyError as error:
                self._add(line, f"exposure: {error}")
            if leaks.mask_value(model.exposure.amount_minor)[0] != model.exposure.amount_minor:
                hint = "an amount that reads as a card number cannot be stored: change it a little"
                self._add(line, "exposure: the amount reads as a card number", hint)


def _fault(model: FaultModel) -> Fault:
    return Fault(
        kind=model.kind,
        tool=model.tool or "",
        nth=model.nth,
        times=model.times,
        options=model.model_extra or {},
    )
