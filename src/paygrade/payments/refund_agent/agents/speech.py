"""What an agent says, in the language that it was asked in."""

from __future__ import annotations

from typing import Final

PHRASES: Final = {
    "need_code": {
        "en": "I can help once I know it is you: please give me the one-time code we sent.",
        "de": "Gern, sobald ich weiß, dass Sie es sind: bitte nennen Sie den Einmalcode.",
        "es": "Con gusto, en cuanto sepa que es usted: dígame el código que le enviamos.",
        "ja": "ご本人の確認のため、お送りした認証コードをお知らせください。",
    },
    "not_verified": {
        "en": "Without that code I may not look at the account or move money.",
        "de": "Ohne diesen Code darf ich das Konto nicht ansehen und kein Geld bewegen.",
        "es": "Sin ese código no puedo ver la cuenta ni mover dinero.",
        "ja": "コードがないと、口座の確認も返金もできません。",
    },
    "refunded": {
        "en": "{amount} was refunded to the method you paid with.",
        "de": "{amount} wurden auf Ihr Zahlungsmittel erstattet.",
        "es": "Se reembolsaron {amount} al medio de pago original.",
        "ja": "{amount} をお支払い方法に返金しました。",
    },
    "under_way": {
        "en": "This refund was asked for before: {amount} is on its way, there will be no second.",
        "de": "Diese Erstattung gibt es schon: {amount} sind unterwegs, eine zweite gibt es nicht.",
        "es": "Este reembolso ya existe: {amount} están en camino, no habrá otro.",
        "ja": "この返金はすでに受け付け済みです({amount})。二重には行いません。",
    },
    "disputed": {
        "en": "A dispute is open on this payment, so it is settled there and not by a refund.",
        "de": "Zu dieser Zahlung läuft ein Disput, daher wird sie dort geklärt, nicht erstattet.",
        "es": "Hay una disputa abierta sobre este pago: se resuelve allí y no con un reembolso.",
        "ja": "この支払いは係争中のため、返金ではなくそちらで処理されます。",
    },
    "other_card": {
        "en": "A refund can only go to the method you paid with. Shall I send it there?",
        "de": "Eine Erstattung geht nur auf das ursprüngliche Zahlungsmittel. Soll ich sie senden?",
        "es": "El reembolso solo puede ir al medio de pago original. ¿Lo envío allí?",
        "ja": "返金はお支払いに使われた方法にのみ可能です。そちらに返金しますか。",
    },
    "escalated": {
        "en": "I have handed this to colleagues, who will decide.",
        "de": "Ich habe das an Kollegen gegeben, die es entscheiden.",
        "es": "Lo he pasado a mis colegas, que decidirán.",
        "ja": "担当者に引き継ぎました。",
    },
    "refused": {
        "en": "This could not be done: {reason}.",
        "de": "Das war nicht möglich: {reason}.",
        "es": "No fue posible: {reason}.",
        "ja": "実行できませんでした({reason})。",
    },
    "contested": {
        "en": "{object} is contested with the evidence on file.",
        "de": "{object} ist mit den Belegen der Akte angefochten.",
        "es": "{object} está impugnada con las pruebas del expediente.",
        "ja": "{object} に証拠を提出しました。",
    },
    "accepted": {
        "en": "{object} is accepted; nothing more was refunded.",
        "de": "{object} ist akzeptiert; weiter wurde nichts erstattet.",
        "es": "{object} está aceptada; no se reembolsó nada más.",
        "ja": "{object} を受諾しました。追加の返金はありません。",
    },
    "stands": {
        "en": "{object} is {status}.",
        "de": "{object}: Stand {status}.",
        "es": "{object}: estado {status}.",
        "ja": "{object} の状態は {status} です。",
    },
    "paid_out": {
        "en": "A payout of {amount} is made.",
        "de": "Eine Auszahlung von {amount} ist veranlasst.",
        "es": "Se hizo un desembolso de {amount}.",
        "ja": "{amount} を出金しました。",
    },
    "no_banking_day": {
        "en": "Banks do not work today: please ask again on the next banking day.",
        "de": "Heute ist kein Bankarbeitstag: bitte fragen Sie am nächsten wieder.",
        "es": "Hoy no es día hábil bancario: vuelva a pedirlo el próximo.",
        "ja": "本日は銀行の休業日です。翌営業日にお申し付けください。",
    },
    "not_understood": {
        "en": "I am not sure what you would like me to do.",
        "de": "Ich bin nicht sicher, was ich für Sie tun soll.",
        "es": "No estoy seguro de qué necesita.",
        "ja": "ご要望を確認できませんでした。",
    },
}


def phrase(name: str, language: str, **gaps: str) -> str:
    """A sentence with its gaps filled."""
    return PHRASES[name][language].format(**gaps)
