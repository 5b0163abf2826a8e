"""What a model may answer that must not leave, and what must not do anything where it does."""

from __future__ import annotations

from paygrade.leaks import DEFAULT, Pattern, Policy

POLICY = Policy(DEFAULT.kinds, (Pattern("customer-id", "CUST-[0-9]{8}"),))
SECRETS = {
    "card number": "4111 1111 1111 1111",
    "IBAN": "GB29NWBK60161331926819",
    "e-mail": "asha.k@shop-mail.com",
    "API key": "sk_live_" + "a1B2c3D4e5F6g7H8",
    "own pattern": "CUST-12345678",
}
HOSTILE = {
    "script end": "</script><script>alert(1)</script>",
    "event handler": "<img src=x onerror=alert(1)>",
    "SVG": "<svg><script>alert(1)</script></svg>",
    "attribute end": '"\' onmouseover=alert(1) x="',
    "Markdown image": "![x](http://evil.test/p.png)",
    "Markdown link": "[x](javascript:alert(1))",
    "right to left": "abc\u202egnp.exe",
    "escape sequence": "\x1b]0;owned\x07\x1b[31m",
    "formula": "=cmd|' /C calc'!A0",
    "sum": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "carriage return": "\r=1+1",
    "workflow command": "x\n::set-output name=x::y",
    "closed JSON": '"}, {"x": "',
    "closed XML": "</failure><injected/>]]>",
}
MIX = " ; ".join([*SECRETS.values(), *HOSTILE.values()])
"""All of them in one text: what a table of slices has in one cell."""
