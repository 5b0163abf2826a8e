"""What a look-up answers, as JSON and back. Server and client share it."""

from typing import Any, Final

from pytx.model import Absent, Found, Pending, Refused

NOT_FOUND: Final = 404


def written(seen: Found | Refused | Pending | Absent) -> tuple[int, dict[str, object]]:
    """The status and the body that say what was seen."""
    if isinstance(seen, Found):
        body = {"result": seen.result, "amount_minor": seen.minor, "currency": seen.currency}
        return 200, {"status": "succeeded", **body}
    if isinstance(seen, Refused):
        return 200, {"status": "declined", "code": seen.code, "message": seen.message}
    if isinstance(seen, Pending):
        return 200, {"status": "pending"}
    return NOT_FOUND, {"code": "not_found"}


def read(status: int, body: dict[str, Any]) -> Found | Refused | Pending | Absent:
    """What the status and the body say."""
    if status == NOT_FOUND:
        return Absent()
    if body["status"] == "succeeded":
        return Found(result=body["result"], minor=body["amount_minor"], currency=body["currency"])
    if body["status"] == "declined":
        return Refused(code=body["code"], message=body["message"])
    return Pending()
