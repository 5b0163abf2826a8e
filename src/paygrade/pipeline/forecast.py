"""Before the first call: what is known already, and what the rest may cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from paygrade.engine.asking import most_input_tokens
from paygrade.pipeline.judges import most_calls
from paygrade.pipeline.runs import BILLED
from paygrade.records.answer import Request
from paygrade.records.plan import Forecast
from paygrade.runners import prices
from paygrade.store import cache
from paygrade.workspace.identity import request_digest
from paygrade.workspace.prompts import Renderer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from paygrade.records.answer import StoredAnswer
    from paygrade.records.plan import RunPlan
    from paygrade.records.protocols import Pricer
    from paygrade.records.sample import Sample

Key = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A forecast, and what the engine needs of it. What can be reused has a digest."""

    forecast: Forecast
    cached: Mapping[Key, StoredAnswer]
    digests: Mapping[Key, str] = field(default_factory=dict)
    pricer: Pricer | None = None
    output_bound: int | None = None


def forecast(plan: RunPlan, store: Path, *, use_cache: bool) -> Priced:
    """Look up what earlier runs know of `plan`, and price the rest.

    What agents can cost has no ceiling: nobody knows how long their conversations get.

    Raises:
        UsageError: the profile states a budget that cannot be kept.
        StoreError: the store cannot be read.
    """
    profile = plan.runner
    parameters = {**plan.prompt.parameters, **profile.parameters}
    problem = prices.budget_problem(profile, parameters)
    if problem:
        raise problem
    if profile.provider not in BILLED:  # nothing to pay, so nothing to look up
        free = Forecast(
            plan=plan, paid=False, known=0, ceiling_usd=None, judge_calls=most_calls(plan)
        )
        return Priced(forecast=free, cached={})
    pricer, bound = prices.pricer(profile), prices.output_bound(profile, parameters)
    renderer = Renderer(plan.prompt)
    requests = {
        (sample.id, epoch): _request(plan, sample, epoch, renderer)
        for sample in plan.samples
        for epoch in range(1, plan.epochs + 1)
    }
    wanted = {
        (sample.id, epoch): request_digest(plan, sample, requests[sample.id, epoch].messages, epoch)
        for sample in plan.samples
        for epoch in range(1, plan.epochs + 1)
    }
    if plan.toolbox is not None and plan.toolbox.url:
        use_cache = False  # nobody knows whether what stands at an address is still the same
    cached = cache.known_answers(store, wanted) if use_cache else {}
    ceiling: Decimal | None = None
    if pricer is not None and bound is not None and plan.toolbox is None:
        ceiling = sum(
            (
                pricer.ceiling(most_input_tokens(each), bound)
                for key, each in requests.items()
                if key not in cached
            ),
            Decimal(0),
        )
    made = Forecast(
        plan=plan,
        paid=True,
        known=len(cached),
        ceiling_usd=ceiling,
        judge_calls=most_calls(plan),
    )
    return Priced(forecast=made, cached=cached, digests=wanted, pricer=pricer, output_bound=bound)


def _request(plan: RunPlan, sample: Sample, epoch: int, renderer: Renderer) -> Request:
    return Request(
        sample_id=sample.id,
        epoch=epoch,
        prompt=plan.prompt.reference,
        messages=renderer.messages(sample, plan.dataset.path),
        input=sample.input,
        output_schema=plan.prompt.output_schema,
    )
