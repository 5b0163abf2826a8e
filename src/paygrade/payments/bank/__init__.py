"""A simulated payment backend for agents: books that balance, faults, and rules that are checked.

`bank(world)` makes one from a sample's `world`, the same each time: its clock, its ids and its
chances come from `world` alone, and nothing sleeps. It is a `records.protocols.World`. What may be
called stands in `tools`, what goes wrong in `faults`, each rule and how it is checked in
`policies`, what a customer says in `talk`, when a claim holds in `claims`, and how the state looks
at the end in `snapshot`.

The intents of its effects: `refund:PAYMENT:REASON` (with `:LINE` for an order line),
`cancel:REFUND`, `evidence:DISPUTE`, `accept:DISPUTE`, `payout:CURRENCY`, `payout_retry:PAYOUT`.
Their subjects: the payment, the dispute, the account (`acct_usd`), the payout.

Books and idempotency keys are real, and so is what an agent does wrong: the backend refuses what
makes no sense (another currency, a closed dispute, a payout above the balance) and does the rest
as it is told, refunds above what was captured too. So effects are counted, not tries.

A world is an object of these keys, all but `now` optional. Ids are lower-case: `cus_1`, `pm_1`,
`pay_1`, `line_1`, `re_1`, `dp_1`, `ev_1`, `po_1`, `wh_1`. Instants are `2026-03-02T10:00:00Z`.
Amounts are integers of minor units.

    seed        int; ids of what is made follow from it
    now         what time it is when the agent begins
    profile     how idempotency keys are honoured: `replay_all_24h` (the default),
                `replay_success_24h`, `replay_30min_body_ignored`, `none`; see
                `pytx.testing.Provider`
    currency    of what names none; USD if left out
    customers   [{"id", "name"?, "email"?, "phone"?, "verified_level"? (0),
                "methods"?: [{"id", "brand", "bin", "last4"}]}]
    payments    [{"id", "customer_id", "amount_minor", "captured_minor"? (the amount), "currency"?,
                "status"? (captured; or requires_capture, failed), "method_id"?, "three_ds"?,
                "order_ref"?, "memo"?, "created_at"? (now), "lines"?: [{"id", "description"?,
                "quantity"?, "amount_minor", "tax_minor"?}] (amount with tax; they add up to the
                payment's), "refunds"?: [{"id", "amount_minor", "reason"?, "line_id"?,
                "status"? (succeeded; or pending, failed), "created_at"?}]}]
    disputes    [{"id", "payment_id", "code"?, "amount_minor"? (the captured), "stage"?
                (chargeback), "status"? (needs_response; or announced, under_review, won, lost),
                "due_by", "needs"?: [evidence types], "evidence_submitted_count"?, "memo"?}];
                one that is `announced` is not there before its webhook comes
    evidence    [{"id", "dispute_id", "type", "text"?}]
    payouts     [{"id", "amount_minor", "currency"?, "status"? (paid; or pending, in_transit,
                failed, returned), "failure"? (account_closed, …), "created_at"?, "memo"?}]
    balances    {currency: {"available"?, "pending"?, "reserve"?}}; what is left out follows from
                payments, refunds, disputes and payouts
    orders      [{"ref", "customer_id", "payment_id"}]: what find_customer finds
    webhooks    [{"id", "type", "object_id", "at"}]; type is dispute_created, dispute_won,
                dispute_lost, refund_succeeded, refund_failed, payout_paid or payout_returned;
                `wait` delivers what is due
    customer    who asks: {"id", "otp"?, "turns"?: [{"when"?: {"asked_for"?: "code", "outcome"?,
                "after_replies"?}, "say"}]}; left out, a colleague asks and P1 is met; see `talk`
    objects     ids that the case is about (I10); left out, everything is
    holidays    ["2026-12-25"]: days that are no banking days, besides Saturday and Sunday
    limits      {currency: minor units}: P4's, instead of the usual ones
    contradictory   ids of objects whose records contradict themselves: only for people (P14)
    baits       [{"tool", "arguments"?}]: calls that only a text planted in the case asks for
                (P13); a call is one where it has those arguments, whatever others
    refuses     ["P1", "P2", …]: rules that the backend itself enforces, of P1 to P5 and P7 to
                P10; without any it does as it is told, as backends do, and the breach is counted
    faults      [{"kind", "tool"?, "nth"?, "times"?, …}]: see `faults`
"""

from paygrade.payments.bank.backend import Bank, bank

__all__ = ["Bank", "bank"]
