"""All scorers by name, and what is wrong with an entry that names one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paygrade.records.check import ParamProblem
from paygrade.scorers.agent_rules import FALSE_DONE, INVARIANTS, POLICY
from paygrade.scorers.bounds import COST, LATENCY
from paygrade.scorers.breaks import (
    BREAKS_AMOUNTS,
    BREAKS_COMPONENTS,
    BREAKS_FIELD,
    BREAKS_MATCH,
)
from paygrade.scorers.call_budget import CALL_BUDGET
from paygrade.scorers.custom import PYTHON
from paygrade.scorers.dates import DATE
from paygrade.scorers.echo import CANARY
from paygrade.scorers.effects import AT_MOST_ONCE, LOST, OVER_REFUND
from paygrade.scorers.end_state import END_STATE
from paygrade.scorers.equality import EQUALS
from paygrade.scorers.identity import MONEY_COMPONENTS, MONEY_IDENTITY
from paygrade.scorers.json_schema import IS_JSON
from paygrade.scorers.leak import NO_PAN, NO_PII
from paygrade.scorers.llm_rubric import LLM_RUBRIC
from paygrade.scorers.membership import IDS_EXIST, IN_SET, MAX_COUNT
from paygrade.scorers.money import MONEY_EQUALS
from paygrade.scorers.numbers import NUMBER
from paygrade.scorers.params import did_you_mean, plain_object
from paygrade.scorers.repair import STRICT_JSON
from paygrade.scorers.sets import SET_COVERS, SET_EQUALS, SET_EXCLUDES
from paygrade.scorers.text import CONTAINS, ICONTAINS, REGEX
from paygrade.scorers.trajectory import (
    ANY_ORDER,
    ARGS_MATCH,
    EXACT,
    IN_ORDER,
    SUBSET,
    SUPERSET,
    TOOL_SEQUENCE,
    TOOL_USED,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from paygrade.records.check import Severity
    from paygrade.records.json_value import Json
    from paygrade.scorers.kind import Kind


class ScorerCatalogue:
    """The scorers that an entry may name: implements `paygrade.records.protocols.Catalogue`."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        """Keep `kinds` by name."""
        self._kinds = {kind.name: kind for kind in sorted(kinds, key=lambda each: each.name)}

    def names(self) -> tuple[str, ...]:
        """All scorer names without `not-`, sorted."""
        return tuple(self._kinds)

    def kind(self, name: str) -> Kind[Any] | None:
        """The scorer `name`, or `None`."""
        return self._kinds.get(name)

    def severity(self, name: str) -> Severity:
        """How bad a miss of the scorer is where its entry does not say.

        Raises:
            KeyError: no scorer has this name.
        """
        return self._kinds[name].severity

    def problems(self, name: str, params: Mapping[str, Json]) -> tuple[ParamProblem, ...]:
        """All that is wrong with `params` of the scorer `name`; files are not looked at.

        A name that is not known is a problem too, with the key "".
        """
        kind = self._kinds.get(name)
        return self.unknown(name) if kind is None else kind.problems(params)

    def unknown(self, name: str) -> tuple[ParamProblem, ...]:
        """The one problem of a name that no scorer has."""
        hint = did_you_mean(name, self.names())
        return (ParamProblem(key="", problem=f"there is no scorer {name!r}", hint=hint),)

    def params_schema(self, name: str) -> Mapping[str, Json]:
        """JSON schema of the scorer's own parameters, for editors.

        Raises:
            KeyError: no scorer has this name.
        """
        return plain_object(self._kinds[name].params.model_json_schema())


CATALOGUE = ScorerCatalogue(
    (
        EQUALS,
        CONTAINS,
        ICONTAINS,
        REGEX,
        IS_JSON,
        NUMBER,
        DATE,
        SET_EQUALS,
        SET_COVERS,
        SET_EXCLUDES,
        MONEY_EQUALS,
        MONEY_COMPONENTS,
        MONEY_IDENTITY,
        BREAKS_MATCH,
        BREAKS_AMOUNTS,
        BREAKS_COMPONENTS,
        BREAKS_FIELD,
        IN_SET,
        IDS_EXIST,
        MAX_COUNT,
        STRICT_JSON,
        CANARY,
        NO_PAN,
        NO_PII,
        COST,
        LATENCY,
        LLM_RUBRIC,
        PYTHON,
        AT_MOST_ONCE,
        LOST,
        OVER_REFUND,
        POLICY,
        INVARIANTS,
        FALSE_DONE,
        END_STATE,
        TOOL_USED,
        TOOL_SEQUENCE,
        ARGS_MATCH,
        EXACT,
        IN_ORDER,
        ANY_ORDER,
        SUBSET,
        SUPERSET,
        CALL_BUDGET,
    )
)
