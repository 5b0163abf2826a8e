"""`gate:` of a suite: its keys, its preset, and the policy that comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from paygrade import leaks
from paygrade.records.policy import Confirm, GatePolicy, Inference, OnInconclusive, Waiver
from paygrade.workspace.fields import STRICT, Date, SampleId, Text, storable
from pytx import exponent

if TYPE_CHECKING:
    from collections.abc import Mapping


def _known(currency: str) -> str:
    """ISO 4217 has the currency, and it has a smallest unit.

    Raises:
        MoneyError: it has not.
    """
    exponent(currency)
    return currency


def _showable(amount: int) -> int:
    """A limit stands in every report, where a number that reads as a card is masked."""
    if leaks.mask_value(amount)[0] != amount:
        raise ValueError("reads as a card number, which no report could show: change it a little")
    return amount


Level = Annotated[float, Field(gt=0, le=0.5)]
"""The share of false alarms that a test may have."""

Rise = Annotated[float, Field(ge=0, lt=1)]
"""A difference of two failure rates: 0.05 is five points."""

Epochs = Annotated[int, Field(ge=1, le=1000)]

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_known)]

Limit = Annotated[int, Field(ge=0), AfterValidator(_showable)]


Id = Annotated[SampleId, AfterValidator(storable)]


class WaiverModel(BaseModel):
    """One invariant that may fail on one sample for a while."""

    model_config = STRICT

    check: Id = Field(description="The id of an invariant.")
    sample: Id = Field(description="The id of a sample.")
    until: Date = Field(description="The last day.")
    why: Annotated[Text, AfterValidator(storable)]


class GateModel(BaseModel):
    """What a suite asks of the gate. Rates, margins and levels are fractions."""

    model_config = STRICT

    preset: Literal["strict"] | None = Field(
        default=None, description="strict: confirm_epochs 10, alpha_confirm 0.02."
    )
    epochs: Epochs | None = Field(
        default=None, description="Of the candidate. Default: the suite's, else 3 or 1."
    )
    baseline_epochs: Epochs = Field(
        default=5, description="Of each of the two sessions of a baseline."
    )
    alpha_screen: Level = Field(default=0.2, description="Level of the first look.")
    alpha_confirm: Level = Field(default=0.05, description="Share of false alarms at most.")
    confirm: Confirm = Field(
        default="both", description="How a suspicion is confirmed: on fresh runs of what."
    )
    confirm_epochs: Epochs = Field(default=5, description="Of each version, to confirm.")
    max_confirm_calls: int | None = Field(
        default=None, ge=1, description="Attempts of one confirmation at most."
    )
    tolerance: Rise = Field(default=0, description="A rise up to it is no regression.")
    margin: Rise = Field(default=0.05, description="To pass, a larger rise must be excluded.")
    min_overlap: float = Field(
        default=0.8, gt=0, le=1, description="Samples that the baseline has too, at least."
    )
    max_error_rate: float = Field(default=0.05, ge=0, le=1)
    min_slice: int = Field(default=5, ge=1, description="Smaller slices are not tested.")
    inference: Inference = Field(default="auto", description="What counts as independent evidence.")
    power_target: float = Field(default=0.8, gt=0, lt=1)
    must_detect: Rise | None = Field(
        default=None, description="The rise that the suite promises to see."
    )
    on_inconclusive: OnInconclusive = "warn"
    max_age_days: int = Field(default=90, ge=1, le=36_500, description="Of a baseline.")
    money_limits: dict[Currency, Limit] = Field(
        default_factory=dict,
        description="Currency: how much the expected loss per 1,000 samples may rise, minor units.",
    )
    waivers: list[WaiverModel] = Field(default_factory=list)


_PRESETS: Mapping[str | None, Mapping[str, Any]] = {
    None: {},
    "strict": {"confirm_epochs": 10, "alpha_confirm": 0.02},
}


def policy_of(
    gate: GateModel | None, *, epochs: int | None, on_inconclusive: OnInconclusive
) -> GatePolicy:
    """The policy: what `gate` states, then its preset, then `epochs` and `on_inconclusive`."""
    gate = gate or GateModel()
    stated = gate.model_fields_set - {"preset", "waivers"}
    values = {
        "epochs": epochs,
        "on_inconclusive": on_inconclusive,
        **_PRESETS[gate.preset],
        **gate.model_dump(include=stated, exclude_none=True),
    }
    waivers = tuple(
        Waiver(check=each.check, sample=each.sample, until=each.until.isoformat(), why=each.why)
        for each in gate.waivers
    )
    return GatePolicy(**values, waivers=waivers)
