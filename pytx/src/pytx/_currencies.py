"""The active codes of ISO 4217 list one, by the number of digits in their minor unit."""

from typing import Final

PUBLISHED: Final = "2026-01-01"
"""The day of the list that the tables below follow (amendments up to number 180)."""

_CODES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK
        LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
        XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

EXPONENTS: Final[dict[str, int]] = {
    code: digits for digits, codes in _CODES.items() for code in codes.split()
}
"""Digits after the decimal point, by currency code."""

WITHOUT_MINOR_UNIT: Final = frozenset(
    {
        *("XAG", "XAU", "XPD", "XPT"),  # metals, counted in troy ounces
        *("XBA", "XBB", "XBC", "XBD"),  # bond market units
        *("XDR", "XSU", "XUA"),  # units of account
        *("XTS", "XXX"),  # for tests, and for no currency at all
    }
)
"""Codes that ISO 4217 lists with the minor unit "N.A."."""
