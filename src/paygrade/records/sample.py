"""One golden sample, and the money it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paygrade.records.agent import Fault
    from paygrade.records.check import CheckSpec
    from paygrade.records.json_value import Json

CaseClass = Literal["statistical", "must_pass", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Money a sample stands for: integer minor units of one ISO 4217 currency."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line of a dataset.

    `input` is all that a model may see. `case` groups samples that belong together (twins,
    variants) and is the sample's own id when the line names none. `content_hash` covers input,
    expected, checks, world and faults (see `workspace.identity`). `origin` says how the sample was
    made (`generated`, `handwritten`, `real_text`), as its provenance has it. `world` is what the
    tools of an agent are made of, `faults` what goes wrong with them; a model sees neither.
    """

    id: str
    input: Json
    expected: Json
    case: str
    case_class: CaseClass = "statistical"
    quarantined_until: str = ""
    quarantined_why: str = ""
    slices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exposure: Exposure | None = None
    checks: tuple[CheckSpec, ...] = ()
    content_hash: str = ""
    line: int = 0
    origin: str = ""
    world: Json = None
    faults: tuple[Fault, ...] = ()
