"""What a call costs, in US dollars: from the profile's own price, else from genai-prices.

genai-prices ships its list with the package; nothing is fetched. The price is the one of this
very version of the list, which is stored with the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING

import genai_prices

from paygrade.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genai_prices.types import PriceCalculation

    from paygrade.records.answer import Usage
    from paygrade.records.json_value import Json
    from paygrade.records.plan import RunnerProfile
    from paygrade.records.protocols import Pricer

_MILLION = Decimal(1_000_000)
_LISTED = ("openai", "anthropic")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrice:
    """The price that a profile states, in US dollars per million tokens."""

    input_per_mtok: Decimal
    output_per_mtok: Decimal
    cached_per_mtok: Decimal
    cache_write_per_mtok: Decimal

    @property
    def snapshot(self) -> Mapping[str, Json]:
        """What is stored with the run."""
        return {
            "source": "profile",
            "input_per_mtok": str(self.input_per_mtok),
            "output_per_mtok": str(self.output_per_mtok),
            "cached_per_mtok": str(self.cached_per_mtok),
            "cache_write_per_mtok": str(self.cache_write_per_mtok),
        }

    def cost(self, usage: Usage) -> Decimal:
        """What a call of this usage cost."""
        plain = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
        return (
            plain * self.input_per_mtok
            + usage.cached_tokens * self.cached_per_mtok
            + usage.cache_write_tokens * self.cache_write_per_mtok
            + usage.output_tokens * self.output_per_mtok
        ) / _MILLION

    def ceiling(self, input_tokens: int, output_tokens: int) -> Decimal:
        """The most that a call of at most so many tokens can cost."""
        dearest = max(self.input_per_mtok, self.cached_per_mtok, self.cache_write_per_mtok)
        return (input_tokens * dearest + output_tokens * self.output_per_mtok) / _MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """The list price of one model of one provider."""

    provider: str
    model: str

    @property
    def snapshot(self) -> Mapping[str, Json]:
        """What is stored with the run: the list's version and its own words."""
        return {
            "source": f"genai-prices {version('genai-prices')}",
            "model": self.model,
            "price": str(self._calculated(1, 1).model_price),
        }

    def cost(self, usage: Usage) -> Decimal:
        """What a call of this usage cost."""
        return Decimal(
            self._calculated(
                usage.input_tokens,
                usage.output_tokens,
                cache_read_tokens=usage.cached_tokens,
                cache_write_tokens=usage.cache_write_tokens,
            ).total_price
        )

    def ceiling(self, input_tokens: int, output_tokens: int) -> Decimal:
        """The most that a call of at most so many tokens can cost: nothing cached, or all new."""
        plain = self._calculated(input_tokens, output_tokens).total_price
        written = self._calculated(
            input_tokens, output_tokens, cache_write_tokens=input_tokens
        ).total_price
        return Decimal(max(plain, written))

    def _calculated(
        self,
        input_tokens: int,
        output_tokens: int,
        *,
        cache_read_tokens: int = 0,
        cache_write_tokens: int = 0,
    ) -> PriceCalculation:
        usage = genai_prices.Usage(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cache_read_tokens=cache_read_tokens,
            cache_write_tokens=cache_write_tokens,
        )
        return genai_prices.calc_price(usage, model_ref=self.model, provider_id=self.provider)


DEFAULT_OUTPUT_TOKENS = {"anthropic": 8192}
"""What a provider's runner asks for when nobody says: that vendor wants a bound in each call."""


def output_bound(profile: RunnerProfile, parameters: Mapping[str, Json]) -> int | None:
    """The most tokens that one answer can have; `None` when nobody bounds them."""
    stated = parameters.get("max_output_tokens")
    if isinstance(stated, int):
        return stated
    return DEFAULT_OUTPUT_TOKENS.get(profile.provider)


def budget_problem(profile: RunnerProfile, parameters: Mapping[str, Json]) -> UsageError | None:
    """Why the profile's budget cannot be kept, if it cannot: nobody knows what a call can cost."""
    if profile.budget_usd is None:
        return None
    if pricer(profile) is None:
        model = profile.options.get("model", profile.name)
        problem = f"{profile.path}: the price of {model!r} is not known, and a budget needs it"
        return UsageError(problem, hint="state it in the profile under 'price'")
    if output_bound(profile, parameters) is None:
        problem = f"{profile.path}: nothing bounds an answer's length, and a budget needs it"
        return UsageError(problem, hint="add max_output_tokens to the parameters")
    return None


def pricer(profile: RunnerProfile) -> Pricer | None:
    """The price of the profile's model; `None` when nobody knows it."""
    if profile.price:
        stated = {name: Decimal(str(value)) for name, value in profile.price.items()}
        return OwnPrice(
            input_per_mtok=stated["input_per_mtok"],
            output_per_mtok=stated["output_per_mtok"],
            cached_per_mtok=stated.get("cached_per_mtok", stated["input_per_mtok"]),
            cache_write_per_mtok=stated.get("cache_write_per_mtok", stated["input_per_mtok"]),
        )
    if profile.provider not in _LISTED or profile.options.get("base_url"):
        return None  # somebody else's server: its price is not the vendor's
    listed = ListPrice(provider=profile.provider, model=str(profile.options["model"]))
    try:
        listed.ceiling(1, 1)
    except LookupError:
        return None
    return listed
