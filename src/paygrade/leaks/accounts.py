"""What is personal but may have to be said: IBANs, telephone numbers, UPI and national ids."""

from __future__ import annotations

import re

from paygrade.leaks.leak import Leak

# ISO 13616, SWIFT's IBAN registry: the length of an IBAN, and the countries that have it.
_COUNTRIES_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {
    country: length
    for length, countries in _COUNTRIES_BY_LENGTH.items()
    for country in countries.split()
}
_IBAN_START = re.compile("[A-Z][A-Z][0-9][0-9](?<![0-9A-Za-z].{4})", re.DOTALL)
_IBAN_REST = re.compile("(?:[ -]?[0-9A-Z]){11,29}")
_ALNUM = re.compile("[0-9A-Za-z]")
# A plus, a country code, seven to fifteen digits; unbroken ones are ten at least, and `+1234567.89`
# is a difference of amounts.
_PHONE = re.compile(
    r"(?<![0-9A-Za-z+])\+(?![0-9]++\.[0-9]{1,3}(?![0-9.]))"
    r"(?:[1-9][0-9]{9,14}|(?=[0-9]{1,4}[ .()-])[1-9](?:[ .()-]{0,2}[0-9]){6,14})"
    r"(?![0-9]|[ .-][0-9])"
)
_NATIONAL_ID = re.compile(
    r"[2-9](?<![0-9A-Za-z+].)(?<![0-9][ .-].)[0-9]{3}([ -])[0-9]{4}\1[0-9]{4}"
    r"(?![0-9A-Za-z]|[ .-][0-9])",
    re.DOTALL,
)
# The handle ends the address: what goes on with a dot is a domain, and an e-mail address.
_VPA_HANDLE = re.compile(r"@([A-Za-z]{2,16})(?![0-9A-Za-z_-]|\.[0-9A-Za-z])")
_VPA_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
_VPA_LONGEST = 256  # NPCI's limit for the name
# From NPCI's list of third-party apps and member banks, and the `ok…` family of Google Pay.
_HANDLES = frozenset(
    re.findall(
        "[a-z]+",
        """
        okaxis okhdfcbank okicici oksbi okbank okbizaxis okpayaxis upi ybl ibl axl apl
        yapl rapl paytm ptaxis ptyes ptsbi pthdfc jio fam ikwik freecharge waaxis
        waicici wahdfcbank wasbi jupiteraxis naviaxis sliceaxis superyes axisgo tapicici
        goaxb timecosmos pingpay abfspay airtel postbank axisbank axisb axis icici
        hdfcbank hdfcbankjd sbi kotak kmbl indus idfcbank idfcfirst fbl federal rbl
        yesbank yesbankltd aubank barodampay pnb cnrb unionbank unionbankofindia uboi
        boi mahb idbi iob indianbank centralbank uco dbs hsbc dlb kvb kbl tjsb utbi
        allbank bandhan equitas ujjivan
        """,
    )
)


def ibans(text: str) -> list[Leak]:
    """Find IBANs: the country's length, and a remainder of one (ISO 7064, mod 97-10)."""
    found: list[Leak] = []
    for match in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2])
        rest = _IBAN_REST.match(text, match.end()) if length else None
        if length is None or rest is None:
            continue
        places = [place for place in range(match.start(), rest.end()) if text[place] not in " -"][
            :length
        ]
        end = places[-1] + 1
        iban = "".join(text[place] for place in places)
        if len(iban) == length and not _ALNUM.match(text, end) and _remainder(iban) == 1:
            found.append(Leak("iban", match.start(), end, "[iban]"))
    return found


def _remainder(iban: str) -> int:
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97


def phones(text: str) -> list[Leak]:
    """Find telephone numbers in international form. Card numbers must be holes already."""
    return [Leak("phone", *match.span(), "[phone]") for match in _PHONE.finditer(text)]


def national_ids(text: str) -> list[Leak]:
    """Find twelve digits in three groups of four, as an Aadhaar number is written."""
    shown = "[national_id_like]"
    return [Leak("national_id_like", *found.span(), shown) for found in _NATIONAL_ID.finditer(text)]


def vpas(text: str) -> list[Leak]:
    """Find UPI addresses: a name at a handle that banks and apps have."""
    found: list[Leak] = []
    for match in _VPA_HANDLE.finditer(text):
        if match[1].lower() not in _HANDLES:
            continue
        before = text[max(0, match.start() - _VPA_LONGEST) : match.start()]
        name = before[len(before.rstrip(_VPA_NAME)) :].lstrip("._-")
        if len(name) > 1:
            found.append(Leak("upi_vpa", match.start() - len(name), match.end(), "[upi_vpa]"))
    return found
