"""An attempt in its own words, and words that must stay words."""

from __future__ import annotations

from paygrade.records.site import CheckTold, SampleTold

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{display:none}</style>",
    '" onmouseover="alert(1)',
    "</pre></article><iframe src='https://evil.example'>",
    "![x](https://evil.example/x.png) [y](javascript:alert(1))",
    "{{ 7 * 7 }} {% raw %} <!-- ",
    "invoice \u202egpj.exe \u2066\x1b[2J\u200b\U000e0041 \ud800",
)
TOLD = SampleTold(
    suite="dispute_triage", runner="rules", run_id="r-1", sample_id="s-1", epoch=1, case="s-1",
    case_class="statistical", slices={"kind": ("late", "lost")}, exposure_minor=4200,
    currency="EUR", messages=(("system", "Be brief."), ("user", "Where is it?")),
    expected={"action": "refund"}, kind="scored", failed=True, error_kind="", error="",
    answer='{\n  "action": "refuse"\n}', finish="stop", trajectory=None,
    checks=(
        CheckTold(
            check="equals:action", severity="critical", role="gating", result="fail",
            reason="refuse is not refund",
        ),
        CheckTold(check="no-pan", severity="critical", role="invariant", result="pass", reason=""),
    ),
    baseline_answer='{\n  "action": "refund"\n}',
)  # fmt: skip
