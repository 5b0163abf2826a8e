"""What the evidence of a case shows: contradictions, absent records, debts and remedies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from paygrade.payments.rulebook import rulebook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STRONG: Final = ("device_id", "device_fingerprint", "ip")
_ELEMENTS: Final = (*_STRONG, "login_id", "delivery_address")


class Evidence:
    """The records of one case, and what they say about its code."""

    def __init__(self, case: Mapping[str, Any], issue: str) -> None:
        """Read a case whose code means `issue`."""
        self.items = case["evidence"]
        self.dispute = case["dispute"]
        self.transaction = case["transaction"]
        self.amount: int = self.dispute["amount_minor"]
        self.code = (self.dispute["network"], self.dispute["code"])
        self.processed = self.dispute["processed_on"]
        self.issue = issue

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """The items of one type."""
        return [item for item in self.items if item["type"] == kind]

    # Step 5: records that cannot both be right, or that are said to exist

    def disagreeing(self) -> list[Mapping[str, Any]]:
        """Records that contradict each other on the fact that decides."""
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
        found = []
        for sent in self.of("auth_record"):
            for logged in self.of("three_ds_result"):
                one, other = sent["data"], logged["data"]
                if "eci" in one and (one["eci"], one["cavv"]) != (other["eci"], other["cavv"]):
                    found += [sent, logged]
        return found

    def _lost_and_delivered(self) -> list[Mapping[str, Any]]:
        if self.issue != "not_received":
            return []
        found = []
        for letter in self.of("carrier_statement"):
            for proof in self.of("delivery_proof"):
                tracking = letter["data"].get("tracking")
                is_lost = letter["data"].get("status") == "lost"
                if is_lost and tracking == proof["data"].get("tracking"):
                    found += [letter, proof]
        return found

    def _returned_and_not(self) -> list[Mapping[str, Any]]:
        found = []
        for log in self.of("return_log"):
            for note in self.of("customer_communication"):
                same = note["data"].get("rma") == log["data"].get("rma", "")
                if same and note["data"].get("parcel_found") is False and _came_back(log):
                    found += [log, note]
        return found

    def _refunded_and_not(self) -> list[Mapping[str, Any]]:
        if self.issue != "credit_not_processed":
            return []
        found = []
        for refund in self.of("refund_record"):
            for report in self.of("settlement_record"):
                if refund["data"]["status"] == "processed" and report["data"].get("refunds") == []:
                    found += [refund, report]
        return found

    def _two_cancellations(self) -> list[Mapping[str, Any]]:
        logs = [log for log in self.of("cancellation_log") if "cancelled_on" in log["data"]]
        before = [log for log in logs if log["data"]["cancelled_on"] < self.transaction["date"]]
        after = [log for log in logs if log["data"]["cancelled_on"] > self.transaction["date"]]
        return [*before, *after] if before and after else []

    def _approved_and_not(self) -> list[Mapping[str, Any]]:
        if self.issue != "authorization":
            return []
        records = self.of("auth_record")
        answers = {record["data"].get("approved") for record in records}
        return records if answers >= {True, False} else []

    def absent(self) -> tuple[list[str], str] | None:
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
        held = {item["type"] for item in self.items}
        for kind, strategy in proves.items():
            hinting = [
                item["id"]
                for item in self.items
                if item["data"].get("refers_to") == kind and item["data"].get("attached") is False
            ]
            if hinting and kind not in held:
                return hinting, strategy
        return None

    # Step 7: what our own records show is owed

    def owed(self) -> tuple[int, list[str]]:
        """How much of the amount our own records show is owed, and which they are."""
        total, cite = 0, []
        for debt in (
            self._owed_for_a_return,
            self._cancelled_by_us,
            self._lost_on_the_way,
            self._taken_too_much,
            self._charged_after_the_end,
        ):
            amount, because = debt()
            total += amount
            cite += because
        return min(total, self.amount), cite

    def _cancelled_by_us(self) -> tuple[int, list[str]]:
        total, cite = 0, []
        for order in self.of("order_record"):
            for line in order["data"].get("items", []):
                if line.get("status") == "cancelled_by_us" and line.get("refunded") is False:
                    total += line["amount_minor"]
                    cite.append(order["id"])
        return total, cite

    def _lost_on_the_way(self) -> tuple[int, list[str]]:
        total, cite = 0, []
        for letter in self.of("carrier_statement"):
            parcel = letter["data"].get("tracking")
            if parcel is None or letter["data"].get("status") != "lost":
                continue
            for order in self.of("order_record"):
                gone = [
                    line["amount_minor"]
                    for line in order["data"].get("items", [])
                    if line.get("tracking") == parcel
                ]
                if order["data"].get("tracking") == parcel:
                    gone.append(self.amount)
                if gone:
                    total += sum(gone)
                    cite.append(letter["id"])
        return total, cite

    def _taken_too_much(self) -> tuple[int, list[str]]:
        total, cite = 0, []
        for report in self.of("settlement_record"):
            twice = _captured_twice(report["data"].get("clearings", []))
            if twice:
                total += twice
                cite.append(report["id"])
            taken = report["data"].get("captured_minor", 0)
            for bill in self.of("invoice"):
                agreed = bill["data"].get("total_minor", taken)
                if taken > agreed:
                    total += taken - agreed
                    cite += [report["id"], bill["id"]]
        return total, cite

    def _charged_after_the_end(self) -> tuple[int, list[str]]:
        total, cite = 0, []
        for log in self.of("cancellation_log"):
            if log["data"].get("cancelled_on", "9999") < self.transaction["date"]:
                total += self.amount
                cite.append(log["id"])
        return total, cite

    def _owed_for_a_return(self) -> tuple[int, list[str]]:
        """A return, its refund and the promise of it are one debt, however many records tell it."""
        owed, cite = 0, []
        for log in self.of("return_log"):
            if _came_back(log):
                owed = max(owed, log["data"]["refund_due_minor"])
                cite.append(log["id"])
        for refund in self.of("refund_record"):
            if refund["data"]["status"] != "processed":
                owed = max(owed, refund["data"]["amount_minor"])
                cite.append(refund["id"])
        if any(refund["data"]["status"] == "processed" for refund in self.of("refund_record")):
            return owed, cite
        for note in self.of("customer_communication"):
            if "promised_refund_minor" in note["data"]:
                owed = max(owed, note["data"]["promised_refund_minor"])
                cite.append(note["id"])
                cite += [
                    report["id"]
                    for report in self.of("settlement_record")
                    if report["data"].get("refunds") == []
                ]
        return owed, cite

    # Step 8: remedies

    def remedy(self) -> tuple[str | None, list[str], int]:
        """The first remedy that the evidence meets, what it rests on, how much it covers."""
        _, code = self.code
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
            one_way = {
                "13.2": ("cancelled_after_charge", self._cancelled_later),
                "C28": ("cancelled_after_charge", self._cancelled_later),
                "13.6": ("credit_already_issued", self._credited),
                "12.6.1": ("split_shipment", self._one_approval),
                "4834": ("no_duplicate", self._two_purchases),
                "4837": ("liability_shift_3ds", self._security_level),
                "4808": ("authorization_valid", self._approved),
                "RG": ("usage_proof", self._used),
            }.get(code)
            if one_way and (found := one_way[1]()):
                return one_way[0], found, self.amount
        return None, [], 0

    def _in_force(self, rule: str) -> bool:
        known = rulebook().rules[rule]
        first, last = known.effective_from or "0000", known.effective_to or "9999"
        return bool(first <= self.processed <= last)

    def _authenticated(self) -> list[str]:
        for item in self.of("three_ds_result"):
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
        for item in self.of("prior_transactions"):
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
        for check in self.of("avs_cvv_result"):
            if check["data"].get("avs") not in {"Y", "M"} or not check["data"].get("address"):
                continue
            for proof in self.of("delivery_proof"):
                if proof["data"].get("address") == check["data"]["address"]:
                    return [check["id"], proof["id"]]
        return []

    def _delivered(self) -> tuple[list[str], int]:
        full_needed = self.dispute["network"] == "mastercard" or self._in_force("V-13.1-ADDR")
        for order in self.of("order_record"):
            place = order["data"].get("ship_to")
            good = []
            for proof in self.of("delivery_proof"):
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
            for log in self.of("cancellation_log")
            if log["data"].get("cancelled_on", "0000") > self.transaction["date"]
            or log["data"].get("entries") == []
        ][:1]

    def _credited(self) -> list[str]:
        for refund in self.of("refund_record"):
            data = refund["data"]
            full = data["amount_minor"] == self.amount
            same_currency = data["currency"] == self.transaction["currency"]
            in_time = data["processed_on"] < self.processed
            if data["status"] == "processed" and full and same_currency and in_time:
                return [refund["id"]]
        return []

    def _one_approval(self) -> list[str]:
        for approval in self.of("auth_record"):
            for report in self.of("settlement_record"):
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
        for report in self.of("settlement_record"):
            clearings = report["data"].get("clearings", [])
            trips = {_purchase(clearing) for clearing in clearings}
            if clearings and len(trips) == len(clearings):
                return [report["id"]]
        return []

    def _security_level(self) -> list[str]:
        for item in self.of("three_ds_result"):
            if item["data"].get("sli") in {"211", "212", "217", "242"}:
                return [item["id"]]
        return []

    def _approved(self) -> list[str]:
        for record in self.of("auth_record"):
            data = record["data"]
            if data.get("approved") is not True or "valid_through" not in data:
                continue
            enough = data["amount_minor"] >= self.transaction["amount_minor"]
            if enough and self.transaction["date"] <= data["valid_through"]:
                return [record["id"]]
        return []

    def _used(self) -> list[str]:
        signals = self.transaction["signals"]
        for log in self.of("usage_log"):
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
