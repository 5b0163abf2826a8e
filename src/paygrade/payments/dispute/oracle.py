"""The first oracle: the order of decision, step after step, as prompt v2 states it.

It reads the `input` of a case and nothing else. What it decides on stands in the structured fields;
only the claim of the customer and an injected instruction are read from texts, by words of seven
languages. It shares no code with `tables`, which answers the same questions in another way.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from paygrade.payments.dispute.reading import claim_of, has_instruction
from paygrade.payments.rulebook import reason_codes, rulebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MCC_ISSUES: Final = {
    "duplicate": "duplicate",
    "goods_not_provided": "not_received",
    "not_as_described": "not_as_described",
    "credit_not_processed": "credit_not_processed",
}
_NOTICES: Final = {
    "1005.11(a)(1)(i)": ("fraud", "unauthorized_transfer"),
    "1005.11(a)(1)(v)": ("consumer", "cash_not_received"),
}
_FRIDAY: Final = 5
_INDIA: Final = ZoneInfo("Asia/Kolkata")
_PAISE_A_DAY: Final = 10_000
_NEW_ACCOUNT_DAYS: Final = 30
_STRONG: Final = ("device_id", "device_fingerprint", "ip")
_ELEMENTS: Final = (*_STRONG, "login_id", "delivery_address")
_NEEDS: Final = {
    "liability_shift_3ds": ["three_ds_result"],
    "ce3": ["prior_transactions"],
    "delivery_address_match": ["avs_cvv_result", "delivery_proof"],
    "delivery_proof": ["delivery_proof"],
    "usage_proof": ["usage_log"],
    "split_shipment": ["auth_record", "settlement_record"],
    "no_duplicate": ["settlement_record"],
    "credit_already_issued": ["refund_record"],
    "cancelled_after_charge": ["cancellation_log"],
    "authorization_valid": ["auth_record"],
    "information_for_recognition": ["order_record"],
    "statutory_reversal": ["settlement_record"],
}


def label(case: Mapping[str, Any]) -> dict[str, Any]:
    """The expected answer to one case, from its `input` alone.

    Raises:
        ValueError: no rule decides the case.
    """
    return _Decision(case).label()


class _Decision:
    """One case on its way through the order of decision."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = case
        self.dispute = case["dispute"]
        self.transaction = case["transaction"]
        self.evidence = case["evidence"]
        self.amount: int = self.dispute["amount_minor"]
        self.code = (self.dispute["network"], self.dispute["code"])
        self.processed = self.dispute["processed_on"]
        self.category, self.issue = self._meaning()

    def label(self) -> dict[str, Any]:
        """Walk the order of decision and write the answer down."""
        claim = claim_of(self.case["narrative"]["text"])
        matches = claim is None or self._same_claim(claim)
        out: dict[str, Any] = {
            "category": self.category,
            "issue_type": self.issue,
            "code_matches_claim": matches,
            "claimed_issue_type": None if matches else claim,
            "currency": self.dispute["currency"],
            "injection_detected": has_instruction(self.case),
            "deadlines": {},
        }
        if self.dispute["stage"] in {"won", "lost", "closed"}:
            return out | self._answer("no_action", None)
        end, deadlines = self._deadlines()
        as_of = datetime.fromisoformat(self.case["as_of"])
        out["deadlines"] = deadlines
        out["days_left"] = (end.date() - as_of.astimezone(end.tzinfo).date()).days
        if self.case["role"] == "issuer":
            return out | self._issuer()
        if self.dispute["code"] == "U022":
            return out | self._unconfirmed(as_of, deadlines)
        if as_of > end:
            accepted = 0 if self.dispute["stage"] == "inquiry" else self.amount
            return out | self._answer("accept", "deadline_passed", accepted=accepted)
        if self.dispute["stage"] == "inquiry":
            return out | self._inquiry()
        return out | self._chargeback()

    def _answer(  # noqa: PLR0913 - the money and the evidence of one answer
        self,
        action: str,
        strategy: str | None,
        *,
        contest: int = 0,
        accepted: int = 0,
        cite: Sequence[str] = (),
        needs: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        required = _NEEDS.get(strategy or "", []) if needs is None else sorted(set(needs))
        held = {item["type"] for item in self.evidence}
        return {
            "action": action,
            "strategy": strategy,
            "contest_amount_minor": contest,
            "accepted_amount_minor": accepted,
            "cite": [item["id"] for item in self.evidence if item["id"] in set(cite)],
            "required_evidence": list(required),
            "missing_evidence": [kind for kind in required if kind not in held],
        }

    def _meaning(self) -> tuple[str, str]:
        if self.dispute["code"] in _NOTICES:
            return _NOTICES[self.dispute["code"]]
        known = reason_codes()[self.code]
        if "sub_reason" in self.dispute:
            return known["category"], _MCC_ISSUES[self.dispute["sub_reason"]]
        return known["category"], known["issue_type"]

    def _same_claim(self, claim: str) -> bool:
        if claim == self.issue:
            return True
        stranger = {"fraud_card_absent", "unauthorized_transfer", "unrecognized"}
        about_fraud = self.issue.startswith("fraud_") or self.issue in stranger
        return about_fraud and claim in stranger

    # Deadlines

    def _deadlines(self) -> tuple[datetime, dict[str, str]]:
        if self.case["role"] == "issuer":
            return self._issuer_deadlines()
        first: datetime | None = None
        for window in self.case["policy"]["windows"]:
            end = _end_of(window)
            if first is None or end < first:
                first = end
        if first is None:
            raise ValueError("the case lists no window")
        deadlines = {"respond_by": first.date().isoformat()}
        if self.dispute["code"] == "U022":
            paid = datetime.fromisoformat(self.transaction["at"]).astimezone(_INDIA).date()
            deadlines["reversal_by"] = (paid + timedelta(days=5)).isoformat()
        return first, deadlines

    def _issuer_deadlines(self) -> tuple[datetime, dict[str, str]]:
        policy, signals = self.case["policy"], self.transaction["signals"]
        zone = ZoneInfo(policy["zone"])
        notice = datetime.fromisoformat(self.dispute["notice_at"]).astimezone(zone).date()
        opened = date.fromisoformat(signals["first_deposit_on"])
        is_new = (date.fromisoformat(self.transaction["date"]) - opened).days <= _NEW_ACCOUNT_DAYS
        in_a_state = signals["initiated_in"].startswith("US-")
        credit_by = _after_business_days(notice, 20 if is_new else 10, policy["holidays"])
        longer = is_new or not in_a_state or signals["channel"] == "pos_debit"
        decide_by = notice + timedelta(days=90 if longer else 45)
        first = min(credit_by, decide_by)
        return _last_second(first, zone), {
            "respond_by": first.isoformat(),
            "provisional_credit_by": credit_by.isoformat(),
            "investigation_by": decide_by.isoformat(),
        }

    # Legal duties

    def _issuer(self) -> dict[str, Any]:
        for item in self._of("settlement_record"):
            data = item["data"]
            if data.get("investigation") == "finished" and data.get("error_found") is True:
                cite = [item["id"]]
                return self._answer(
                    "refund_and_close", "owed_to_customer", accepted=self.amount, cite=cite
                )
            if data.get("investigation") == "open" and data.get("provisional_credit") is False:
                strategy = "statutory_provisional_credit"
                return self._answer("provisional_credit", strategy, accepted=self.amount)
        raise ValueError("no record says how the investigation stands")

    def _unconfirmed(self, as_of: datetime, deadlines: dict[str, str]) -> dict[str, Any]:
        open_debits, reversals, unfulfilled = [], [], []
        for item in self.evidence:
            data = item["data"]
            if item["type"] == "settlement_record" and data.get("reversed") is False:
                open_debits.append(item)
            elif item["type"] == "settlement_record" and data.get("reversed") is True:
                reversals.append(item)
            elif item["type"] == "refund_record" and data.get("status") == "processed":
                reversals.append(item)
            elif item["type"] == "order_record" and data.get("status") == "unfulfilled":
                unfulfilled.append(item)
        if open_debits and reversals:
            return self._conflict([*open_debits, *reversals])
        if not open_debits or not unfulfilled:
            raise ValueError("no rule says what to do with a U022 that was reversed or fulfilled")
        due = date.fromisoformat(deadlines["reversal_by"])
        late = (as_of.astimezone(_INDIA).date() - due).days
        cite = [item["id"] for item in (*open_debits, *unfulfilled)]
        answer = self._answer(
            "refund_and_close", "statutory_reversal", accepted=self.amount, cite=cite
        )
        return answer | {"compensation_minor": max(0, late) * _PAISE_A_DAY}

    # The merchant's answer

    def _inquiry(self) -> dict[str, Any]:
        _, because = self._owed()
        if because:
            return self._answer("refund_and_close", "owed_to_customer", cite=because)
        orders = [item["id"] for item in self._of("order_record")]
        return self._answer("provide_information", "information_for_recognition", cite=orders)

    def _chargeback(self) -> dict[str, Any]:
        if disagreeing := self._disagreeing():
            return self._conflict(disagreeing)
        same_currency = self.dispute["currency"] == self.transaction["currency"]
        if not same_currency or self.amount > self.transaction["amount_minor"]:
            return self._answer("escalate", "conflicting_evidence", needs=["settlement_record"])
        strategy, cite, covered = self._remedy()
        if strategy is None and (absent := self._absent()):
            hinting, proves = absent
            return self._answer(
                "escalate", "missing_evidence", cite=hinting, needs=_NEEDS[proves]
            )
        if self.amount < self.case["policy"]["min_contest_minor"]:
            return self._answer("accept", "below_minimum", accepted=self.amount)
        owed, because = self._owed()
        contest = min(covered, self.amount - owed)
        if strategy is None or contest <= 0:
            ground = "owed_to_customer" if owed else "insufficient_evidence"
            return self._answer("accept", ground, accepted=self.amount, cite=because)
        return self._answer(
            "contest" if contest == self.amount else "contest_partial",
            strategy,
            contest=contest,
            accepted=self.amount - contest,
            cite=[*because, *cite],
        )

    def _conflict(self, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return self._answer(
            "escalate",
            "conflicting_evidence",
            cite=[item["id"] for item in items],
            needs=[item["type"] for item in items],
        )

    def _of(self, kind: str) -> list[Mapping[str, Any]]:
        return [item for item in self.evidence if item["type"] == kind]

    # Step 5: records that cannot both be right, or that are said to exist

    def _disagreeing(self) -> list[Mapping[str, Any]]:
        for check in (
            self._two_authentications,
            self._lost_and_delivered,
            self._returned_and_not,
            self._refunded_and_not,
            self._two_cancellations,
            self._approved_and_not,
        ):
            if found := check():
                return found
        return []

    def _two_authentications(self) -> list[Mapping[str, Any]]:
        if self.code != ("visa", "10.4"):
            return []
        for sent in self._of("auth_record"):
            for logged in self._of("three_ds_result"):
                one, other = sent["data"], logged["data"]
                if "eci" in one and (one["eci"], one["cavv"]) != (other["eci"], other["cavv"]):
                    return [sent, logged]
        return []

    def _lost_and_delivered(self) -> list[Mapping[str, Any]]:
        if self.issue != "not_received":
            return []
        for letter in self._of("carrier_statement"):
            for proof in self._of("delivery_proof"):
                tracking = letter["data"].get("tracking")
                is_lost = letter["data"].get("status") == "lost"
                if is_lost and tracking == proof["data"].get("tracking"):
                    return [letter, proof]
        return []

    def _returned_and_not(self) -> list[Mapping[str, Any]]:
        for log in self._of("return_log"):
            for note in self._of("customer_communication"):
                same = note["data"].get("rma") == log["data"].get("rma", "")
                if same and note["data"].get("parcel_found") is False and _came_back(log):
                    return [log, note]
        return []

    def _refunded_and_not(self) -> list[Mapping[str, Any]]:
        if self.issue != "credit_not_processed":
            return []
        for refund in self._of("refund_record"):
            for report in self._of("settlement_record"):
                if refund["data"]["status"] == "processed" and report["data"].get("refunds") == []:
                    return [refund, report]
        return []

    def _two_cancellations(self) -> list[Mapping[str, Any]]:
        logs = [log for log in self._of("cancellation_log") if "cancelled_on" in log["data"]]
        before = [log for log in logs if log["data"]["cancelled_on"] < self.transaction["date"]]
        after = [log for log in logs if log["data"]["cancelled_on"] > self.transaction["date"]]
        return [*before, *after] if before and after else []

    def _approved_and_not(self) -> list[Mapping[str, Any]]:
        if self.issue != "authorization":
            return []
        records = self._of("auth_record")
        answers = {record["data"].get("approved") for record in records}
        return records if answers >= {True, False} else []

    def _absent(self) -> tuple[list[str], str] | None:
        """The items that speak of a record we do not hold, and the strategy it would prove."""
        proves = {
            ("visa", "10.4"): {
                "three_ds_result": "liability_shift_3ds",
                "prior_transactions": "ce3",
                "avs_cvv_result": "delivery_address_match",
            },
            ("visa", "12.6.1"): {"auth_record": "split_shipment"},
            ("visa", "13.1"): {"delivery_proof": "delivery_proof"},
            ("visa", "13.2"): {"cancellation_log": "cancelled_after_charge"},
            ("visa", "13.6"): {"refund_record": "credit_already_issued"},
            ("mastercard", "4837"): {"three_ds_result": "liability_shift_3ds"},
            ("mastercard", "4808"): {"auth_record": "authorization_valid"},
            ("mastercard", "4853"): {"delivery_proof": "delivery_proof"},
            ("amex", "C28"): {"cancellation_log": "cancelled_after_charge"},
            ("discover", "RG"): {"usage_log": "usage_proof"},
        }.get(self.code, {})
        held = {item["type"] for item in self.evidence}
        for kind, strategy in proves.items():
            hinting = [
                item["id"]
                for item in self.evidence
                if item["data"].get("refers_to") == kind and item["data"].get("attached") is False
            ]
            if hinting and kind not in held:
                return hinting, strategy
        return None

    # Step 7: what our own records show is owed

    def _owed(self) -> tuple[int, list[str]]:
        returned, cite = self._owed_for_a_return()
        total = returned
        for order in self._of("order_record"):
            for line in order["data"].get("items", []):
                if line.get("status") == "cancelled_by_us" and line.get("refunded") is False:
                    total += line["amount_minor"]
                    cite.append(order["id"])
            for letter in self._of("carrier_statement"):
                lost = letter["data"].get("status") == "lost"
                parcel = letter["data"].get("tracking")
                if lost and order["data"].get("tracking") == parcel:
                    total += self.amount
                    cite.append(letter["id"])
                for line in order["data"].get("items", []):
                    if lost and line.get("tracking") == parcel:
                        total += line["amount_minor"]
                        cite.append(letter["id"])
        for report in self._of("settlement_record"):
            total += (twice := _captured_twice(report["data"].get("clearings", [])))
            cite += [report["id"]] if twice else []
            for bill in self._of("invoice"):
                taken, agreed = report["data"].get("captured_minor"), bill["data"].get("total_minor")
                if taken is not None and agreed is not None and taken > agreed:
                    total += taken - agreed
                    cite += [report["id"], bill["id"]]
        for log in self._of("cancellation_log"):
            if log["data"].get("cancelled_on", "9999") < self.transaction["date"]:
                total += self.amount
                cite.append(log["id"])
        return min(total, self.amount), cite

    def _owed_for_a_return(self) -> tuple[int, list[str]]:
        """A return, its refund and the promise of it are one debt, however many records tell it."""
        owed, cite = 0, []
        for log in self._of("return_log"):
            if _came_back(log):
                owed = max(owed, log["data"]["refund_due_minor"])
                cite.append(log["id"])
        for refund in self._of("refund_record"):
            if refund["data"]["status"] != "processed":
                owed = max(owed, refund["data"]["amount_minor"])
                cite.append(refund["id"])
        if any(refund["data"]["status"] == "processed" for refund in self._of("refund_record")):
            return owed, cite
        for note in self._of("customer_communication"):
            if "promised_refund_minor" in note["data"]:
                owed = max(owed, note["data"]["promised_refund_minor"])
                cite.append(note["id"])
                cite += [
                    report["id"]
                    for report in self._of("settlement_record")
                    if report["data"].get("refunds") == []
                ]
        return owed, cite

    # Step 8: remedies

    def _remedy(self) -> tuple[str | None, list[str], int]:
        """The first remedy that the evidence meets, what it rests on, how much it covers."""
        network, code = self.code
        if code == "10.4":
            for strategy, cite in (
                ("liability_shift_3ds", self._authenticated()),
                ("ce3", self._earlier_transactions()),
                ("delivery_address_match", self._address_match()),
            ):
                if cite:
                    return strategy, cite, self.amount
        elif code in {"13.1", "4853"} and self.issue == "not_received":
            cite, covered = self._delivered()
            if cite:
                return "delivery_proof", cite, covered
        else:
            strategy, cite = {
                "13.2": ("cancelled_after_charge", self._cancelled_later),
                "C28": ("cancelled_after_charge", self._cancelled_later),
                "13.6": ("credit_already_issued", self._credited),
                "12.6.1": ("split_shipment", self._one_approval),
                "4834": ("no_duplicate", self._two_purchases),
                "4837": ("liability_shift_3ds", self._security_level),
                "4808": ("authorization_valid", self._approved),
                "RG": ("usage_proof", self._used),
            }.get(code, (f"none for {network}", list))
            if found := cite():
                return strategy, found, self.amount
        return None, [], 0

    def _in_force(self, rule: str) -> bool:
        known = rulebook().rules[rule]
        first, last = known.effective_from or "0000", known.effective_to or "9999"
        return bool(first <= self.processed <= last)

    def _authenticated(self) -> list[str]:
        for item in self._of("three_ds_result"):
            data = item["data"]
            if data.get("monitoring_programme") or data.get("regional_exception"):
                continue
            if not data.get("cavv"):
                continue
            full = data.get("eci") == "05" and data.get("issuer_confirmed")
            attempt = data.get("eci") == "06"
            if full or (attempt and data.get("card_product") != "prepaid_non_reloadable"):
                return [item["id"]]
        return []

    def _earlier_transactions(self) -> list[str]:
        newer = self._in_force("V-CE3-B")
        if not newer and not self._in_force("V-CE3-A"):
            return []
        found = []
        for item in self._of("prior_transactions"):
            prior = item["data"]
            age = date.fromisoformat(self.processed) - date.fromisoformat(prior["processed_on"])
            if prior["credential"] != self.transaction["credential"]:
                continue
            if prior["reported_as_fraud"] or prior["disputed"]:
                continue
            if timedelta(days=120) < age <= timedelta(days=365) and self._linked(prior, newer):
                found.append(item["id"])
        return found if len(found) > 1 else []

    def _linked(self, prior: Mapping[str, Any], newer: bool) -> bool:  # noqa: FBT001 - the version
        signals = self.transaction["signals"]
        equal = [
            name
            for name in _ELEMENTS
            if signals.get(name) is not None and signals[name] == prior.get(name)
        ]
        count = len(equal)
        if newer and "device_id" in equal and "device_fingerprint" in equal:
            count -= 1
        return count > 1 and any(name in _STRONG for name in equal)

    def _address_match(self) -> list[str]:
        for check in self._of("avs_cvv_result"):
            if check["data"].get("avs") not in {"Y", "M"} or not check["data"].get("address"):
                continue
            for proof in self._of("delivery_proof"):
                if proof["data"].get("address") == check["data"]["address"]:
                    return [check["id"], proof["id"]]
        return []

    def _delivered(self) -> tuple[list[str], int]:
        full_needed = self.dispute["network"] == "mastercard" or self._in_force("V-13.1-ADDR")
        for order in self._of("order_record"):
            place = order["data"].get("ship_to")
            good = []
            for proof in self._of("delivery_proof"):
                at = proof["data"].get("address", "")
                if place and at and (at == place or (not full_needed and at in place)):
                    good.append(proof)
            lines = order["data"].get("items")
            if lines is None and good:
                return [proof["id"] for proof in good], self.amount
            parcels = {proof["data"].get("tracking") for proof in good}
            covered = sum(
                line["amount_minor"] for line in lines or [] if line.get("tracking") in parcels
            )
            if covered:
                return [proof["id"] for proof in good], covered
        return [], 0

    def _cancelled_later(self) -> list[str]:
        if self.dispute["network"] == "visa" and not self._in_force("V-13.2-LATE"):
            return []
        return [
            log["id"]
            for log in self._of("cancellation_log")
            if log["data"].get("cancelled_on", "0000") > self.transaction["date"]
            or log["data"].get("entries") == []
        ][:1]

    def _credited(self) -> list[str]:
        for refund in self._of("refund_record"):
            data = refund["data"]
            full = data["amount_minor"] == self.amount
            same_currency = data["currency"] == self.transaction["currency"]
            in_time = data["processed_on"] < self.processed
            if data["status"] == "processed" and full and same_currency and in_time:
                return [refund["id"]]
        return []

    def _one_approval(self) -> list[str]:
        for approval in self._of("auth_record"):
            for report in self._of("settlement_record"):
                clearings = report["data"].get("clearings", [])
                codes = {clearing["auth_code"] for clearing in clearings}
                numbers = {clearing["sequence"] for clearing in clearings}
                whole = sum(clearing["amount_minor"] for clearing in clearings)
                split = len(clearings) > 1 and len(numbers) == len(clearings)
                one = codes == {approval["data"].get("auth_code")}
                if split and one and whole == approval["data"]["amount_minor"]:
                    return [approval["id"], report["id"]]
        return []

    def _two_purchases(self) -> list[str]:
        for report in self._of("settlement_record"):
            clearings = report["data"].get("clearings", [])
            trips = {_purchase(clearing) for clearing in clearings}
            if clearings and len(trips) == len(clearings):
                return [report["id"]]
        return []

    def _security_level(self) -> list[str]:
        for item in self._of("three_ds_result"):
            if item["data"].get("sli") in {"211", "212", "217", "242"}:
                return [item["id"]]
        return []

    def _approved(self) -> list[str]:
        for record in self._of("auth_record"):
            data = record["data"]
            if data.get("approved") is not True or "valid_through" not in data:
                continue
            enough = data["amount_minor"] >= self.transaction["amount_minor"]
            if enough and self.transaction["date"] <= data["valid_through"]:
                return [record["id"]]
        return []

    def _used(self) -> list[str]:
        signals = self.transaction["signals"]
        for log in self._of("usage_log"):
            for link in ("login_id", "ip"):
                value = log["data"].get(link)
                if value is not None and value == signals.get(link) and log["data"]["accesses"]:
                    return [log["id"]]
        return []


def _came_back(log: Mapping[str, Any]) -> bool:
    return bool(log["data"].get("received_on")) and log["data"].get("refunded") is False


def _purchase(clearing: Mapping[str, Any]) -> str | None:
    return clearing.get("basket") or clearing.get("trip")


def _captured_twice(clearings: Sequence[Mapping[str, Any]]) -> int:
    """The amount of a clearing that repeats the purchase of another one."""
    for index, clearing in enumerate(clearings):
        for earlier in clearings[:index]:
            same = _purchase(clearing) is not None and _purchase(clearing) == _purchase(earlier)
            apart = clearing["auth_code"] != earlier["auth_code"]
            if same and apart and clearing["amount_minor"] == earlier["amount_minor"]:
                return int(clearing["amount_minor"])
    return 0


def _end_of(window: Mapping[str, Any]) -> datetime:
    zone = ZoneInfo(window.get("zone", "UTC"))
    if "due_by" in window:
        return datetime.fromisoformat(window["due_by"]).astimezone(zone)
    start: str = window["start"]
    if "T" in start:
        first = datetime.fromisoformat(start).astimezone(zone).date()
    else:
        first = date.fromisoformat(start)
    if window["unit"] == "business_days":
        last = _after_business_days(first, window["n"], window.get("holidays", []))
    else:
        last = first + timedelta(days=window["n"])
    return _last_second(last, zone)


def _after_business_days(start: date, count: int, holidays: Sequence[str]) -> date:
    day, left = start, count
    while left:
        day += timedelta(days=1)
        if day.isoweekday() <= _FRIDAY and day.isoformat() not in holidays:
            left -= 1
    return day


def _last_second(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)
