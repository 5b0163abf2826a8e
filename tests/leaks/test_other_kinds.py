"""Verification codes, secrets, and the kinds that are reported without being masked."""

from __future__ import annotations

import base64
import json

import pytest

from paygrade.leaks import MASKED_KINDS, find, mask


def kinds(text: str) -> list[str]:
    """Say what is found, in order."""
    return [finding.kind for finding in find(text)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111 1111 1111 1111 cvv 737", "411111******1111 cvv [cvv]"),
        ("security code 737 for the card", "security code [cvv] for the card"),
        ("CVV: 737", "CVV: [cvv]"),
        ("CVC2=1234;", "CVC2=[cvv];"),
        ("**CVV:** **737**", "**CVV:** **[cvv]**"),
        ("CVV (3 digits): 737", "CVV (3 digits): [cvv]"),
        ("the card verification value is 737.", "the card verification value is [cvv]."),
        ("CID 1234", "CID [cvv]"),
        ("csc number: 737", "csc number: [cvv]"),
        ("cvv 7 3 7", "cvv [cvv]"),
        ("cvv\n737", "cvv\n[cvv]"),
        ("cardCvc=737&r=1", "cardCvc=[cvv]&r=1"),
        ("card_security_code: 737", "card_security_code: [cvv]"),
        ("737 is the CVV", "[cvv] is the CVV"),
        ("737 (CVV)", "[cvv] (CVV)"),
        ("cvv \u0667\u0663\u0667", "cvv [cvv]"),
        ("c\u200bvv 7\u200b37", "c\u200bvv [cvv]"),
        ("\\u0063vv%20\\u0037\\u0033\\u0037", "\\u0063vv%20[cvv]"),
        ("[cvv]: 737", "[cvv]: [cvv]"),
        ("Pr\u00fcfnummer 737", "Pr\u00fcfnummer [cvv]"),
        ("Kartenpruefnummer: 737", "Kartenpruefnummer: [cvv]"),
        ("c\u00f3digo de seguridad: 737", "c\u00f3digo de seguridad: [cvv]"),
        ("cryptogramme visuel : 737", "cryptogramme visuel : [cvv]"),
        ("\u30bb\u30ad\u30e5\u30ea\u30c6\u30a3\u30b3\u30fc\u30c9\u306f737",
         "\u30bb\u30ad\u30e5\u30ea\u30c6\u30a3\u30b3\u30fc\u30c9\u306f[cvv]"),
        ("\u5b89\u5168\u7801\uff1a737", "\u5b89\u5168\u7801\uff1a[cvv]"),
        ("CVV\u0130 737 cvv 737", "CVV\u0130 737 cvv [cvv]"),
    ],
)  # fmt: skip
def test_a_verification_code_is_masked_whole(text: str, masked: str) -> None:
    """Three or four digits beside a word that names them, in any writing; the word stays."""
    assert mask(text).text == masked
    assert "cvv" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "We never ask for your CVV. 100 customers were warned.",
        "CVV match M, amount 1200",
        "The cvv, 2026 edition",
        "cvv 12.50",
        "cvv 2026-11-23",
        "cvv check at 1200:30",
        "cvv: ***, 1200",
        "cvv 411111******1111",
        "cvv 12345",
        "decided 123 incident 1234 accidental",
        "card ending 0505, cvv not given",
        "cvv [cvv] 456",
        '{"cvv": "", "amount": 1200}',
        "verification code 1234",
    ],
)
def test_digits_that_are_no_code_are_left_alone(text: str) -> None:
    """A sentence has ended, a list goes on, or the digits are part of something else."""
    assert find(text) == ()


def jwt() -> str:
    """Make a token of a header, a body and a signature."""
    parts = ({"alg": "HS256"}, {"sub": "1234567890"}, {"not": "a signature"})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


def pem(kind: str, lines: int = 3) -> str:
    """Make a private key. Put together here, so that no scanner finds one in this file."""
    head, tail = (f"-----{word} {kind}PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return "\n".join([head, *["MIIEpAIBAAKCAQEAabcdefghij0123456789+/ABCD"] * lines, tail])


FILLER = "a1B2c3D4e5F6g7H8"
SECRETS = [
    "sk-" + FILLER * 3,
    "sk-proj-" + FILLER * 4,
    "sk-ant-" + "api03-" + FILLER * 4,
    "sk_live_" + FILLER,
    "sk_test_" + FILLER,
    "rk_live_" + FILLER,
    "whsec_" + FILLER * 2,
    "rzp_live_" + FILLER[:14],
    "AQE" + FILLER * 3 + "-" + FILLER + "=-i1i{=;",
    "access_token$production$" + "a1b2c3d4e5f6g7h8$" + "0123456789abcdef" * 2,
    "sq0atp-" + FILLER + "abcdef",
    "AKIA" + "ABCDEFGH01234567",
    "ASIA" + "ABCDEFGH01234567",
    "ghp_" + FILLER * 2 + "abcd",
    "github_pat_" + FILLER * 3,
    "glpat-" + FILLER + "abcd",
    "xoxb-" + "123456789012-" + FILLER,
    "xapp-" + "1-A0123456789-" + FILLER,
    "AIza" + FILLER * 2 + "abc",
    "ya29." + FILLER * 2,
    "GOCSPX-" + FILLER * 2,
    "sk_sbox_" + "a1b2c3d4e5f6g7h8i9j0k1l2m3",
    "live_" + FILLER * 2,
    "FLWSECK-" + FILLER + "-X",
    "access-production-" + "0123abcd-0123-4567-89ab-0123456789ab",
    "EAAA" + FILLER * 4,
    "SK" + "0123456789abcdef" * 2,
    "SG." + FILLER + "abcdef" + "." + FILLER * 2 + "abcdefghijk",
    "shpat_" + "0123456789abcdef" * 2,
    "npm_" + FILLER * 2 + "abcd",
    "pypi-" + FILLER * 4,
    "hf_" + FILLER * 2 + "ab",
    "gsk_" + FILLER * 3,
    "xai-" + FILLER * 3,
    "dop_v1_" + "0123456789abcdef" * 4,
    jwt(),
    pem(""),
    pem("RSA "),
    pem("ENCRYPTED "),
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked_whole(secret: str) -> None:
    """Keys and tokens of known makers, in prose, in JSON and after an escape."""
    assert mask(f"key: {secret}, use it").text == "key: [secret], use it"
    assert json.loads(mask(json.dumps({"key": secret})).text) == {"key": "[secret]"}
    assert mask(f"key:\\n{secret}").text == "key:\\n[secret]"
    assert mask(f"key: {secret[:5]}\u200b{secret[5:]}").text == "key: [secret]"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"Authorization: Bearer {FILLER}", "Authorization: Bearer [secret]"),
        (f"authorization: basic {FILLER}==", "authorization: basic [secret]"),
        (f"aws_secret_access_key = {FILLER * 2}abcdefgh", "aws_secret_access_key = [secret]"),
        (f'"secretAccessKey":"{FILLER * 2}abcdefgh"', '"secretAccessKey":"[secret]"'),
    ],
)
def test_a_secret_known_by_the_word_before_it_is_masked(text: str, masked: str) -> None:
    """The word stays readable."""
    assert mask(text).text == masked


def test_a_key_whose_end_is_cut_off_is_masked() -> None:
    """What is there of it, up to the first thing that is no base64."""
    text = "\n".join(pem("").splitlines()[:-1])
    assert mask(f"{text}\n\n(cut) here").text == "[secret]\n\n(cut) here"


@pytest.mark.parametrize(
    "text",
    [
        "task-management-and-something-else-entirely",
        "sk-learn-and-other-libraries-are-used",
        "Use bearer authenticationmechanismwords here",
        "-----BEGIN PRIVATE KEY----- is how it starts",
        "tok_1PgafuB7WZ01zgkWXYmPNZs8",
        "pk_live_" + FILLER,
        "eyJhbGciOiJIUzI1NiJ9 alone is a header",
        "the [secret] garden",
    ],
)
def test_words_that_look_like_secrets_are_left_alone(text: str) -> None:
    """Prose, publishable keys and halves of things."""
    assert find(text) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pay to GB29NWBK60161331926819", "iban"),
        ("pay to DE89 3704 0044 0532 0130 00 today", "iban"),
        ("pay to NO93-8601-1117-947.", "iban"),
        ("pay:\\nGB29 NWBK 6016 1331 9268 19", "iban"),
        ("call +1 415 555 0133", "phone"),
        ("call +14155550133", "phone"),
        ("call +44 (20) 7946-0958 or write", "phone"),
        ("call +49 1512 3456789", "phone"),
        ("send to asha.k@okbank", "upi_vpa"),
        ("send to asha-1@okhdfcbank.", "upi_vpa"),
        ("send to 9876543210@YBL, please", "upi_vpa"),
        ("id 2345 6789 0123", "national_id_like"),
        ("id 2345-6789-0123.", "national_id_like"),
        ("id \u0968\u0969\u096a\u096b \u096c\u096d\u096e\u096f \u0966\u0967\u0968\u0969",
         "national_id_like"),
    ],
)  # fmt: skip
def test_personal_data_is_reported_and_kept(text: str, kind: str) -> None:
    """An answer may have to say it, so it is found and not masked."""
    assert kinds(text) == [kind]
    assert mask(text).text == text
    assert kind not in MASKED_KINDS


@pytest.mark.parametrize(
    "text",
    [
        "pay to GB29NWBK60161331926818",  # remainder
        "pay to GB29NWBK6016133192681",  # length
        "pay to GB29 only",
        "pay to ZZ29NWBK60161331926819",  # no such country
        "XGB29NWBK60161331926819",
        "GB29NWBK601613319268190",
        "asha@example.com, asha@mail.example.org, asha@shop.test, asha@okbank-mail",
        "thanks @paytm",
        "a@paytm",
        "me@localhost",
        "moved by +1234567.89 and +1250000",
        "+123",
        "id 2345 6789 0123 4567",
        "id 1345 6789 0123",
        "id 2345 6789-0123",
        "codes 12 2345 6789 0123",
        "2026-11-23T10:00:00+05:30",
    ],
)
def test_what_only_looks_personal_is_left_alone(text: str) -> None:
    """Bad check digits, addresses that RFC 2606 reserves, amounts and longer numbers."""
    assert find(text) == ()
