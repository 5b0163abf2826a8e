-- The bank's tables. Amounts are integers of minor units, instants whole seconds since 1970.

CREATE TABLE customers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
    verified_level INTEGER NOT NULL, wrong_codes INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE methods (
    id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers,
    brand TEXT NOT NULL, bin TEXT NOT NULL, last4 TEXT NOT NULL
);
CREATE TABLE payments (
    id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers, method_id TEXT,
    amount_minor INTEGER NOT NULL, captured_minor INTEGER NOT NULL, currency TEXT NOT NULL,
    state TEXT NOT NULL, three_ds INTEGER NOT NULL, order_ref TEXT NOT NULL, memo TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE TABLE lines (
    id TEXT NOT NULL, payment_id TEXT NOT NULL REFERENCES payments, description TEXT NOT NULL,
    quantity INTEGER NOT NULL, amount_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL,
    PRIMARY KEY (payment_id, id)
);
CREATE TABLE refunds (
    id TEXT PRIMARY KEY, payment_id TEXT NOT NULL REFERENCES payments,
    amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, reason TEXT NOT NULL,
    line_id TEXT NOT NULL, status TEXT NOT NULL, business_key TEXT NOT NULL,
    created_at INTEGER NOT NULL, made_by TEXT NOT NULL
);
CREATE TABLE disputes (
    id TEXT PRIMARY KEY, payment_id TEXT NOT NULL REFERENCES payments, code TEXT NOT NULL,
    amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, stage TEXT NOT NULL,
    status TEXT NOT NULL, due_by INTEGER NOT NULL, needs TEXT NOT NULL,
    evidence_submitted_count INTEGER NOT NULL, submitted_at INTEGER, submitted TEXT NOT NULL,
    memo TEXT NOT NULL
);
CREATE TABLE evidence (
    id TEXT PRIMARY KEY, dispute_id TEXT NOT NULL REFERENCES disputes, type TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE payouts (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL, status TEXT NOT NULL, failure TEXT NOT NULL,
    business_key TEXT NOT NULL, created_at INTEGER NOT NULL, memo TEXT NOT NULL,
    made_by TEXT NOT NULL
);
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, currency TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (currency, kind)
);
CREATE TABLE entries (
    tx_id INTEGER NOT NULL, what TEXT NOT NULL, object_id TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts, amount_minor INTEGER NOT NULL,
    at INTEGER NOT NULL
);
CREATE TABLE orders (
    ref TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers,
    payment_id TEXT NOT NULL REFERENCES payments
);
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, object_id TEXT NOT NULL, at INTEGER NOT NULL,
    delivered_count INTEGER NOT NULL DEFAULT 0
);
-- What was asked under an idempotency key, and what was answered: the newest for each key
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY, tool TEXT NOT NULL, params_hash TEXT NOT NULL, status TEXT NOT NULL,
    response TEXT NOT NULL, created_at INTEGER NOT NULL
);
-- What an agent's calls really did
CREATE TABLE effects (
    n INTEGER PRIMARY KEY, tool TEXT NOT NULL, key TEXT NOT NULL, intent TEXT NOT NULL,
    subject TEXT NOT NULL, object_id TEXT NOT NULL, amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL, result TEXT NOT NULL, provider_id TEXT NOT NULL,
    audit_seq INTEGER NOT NULL
);
CREATE TABLE notes (id TEXT PRIMARY KEY, object_id TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE escalations (
    id TEXT PRIMARY KEY, object_id TEXT NOT NULL, queue TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE replies (
    n INTEGER PRIMARY KEY, text TEXT NOT NULL, outcome TEXT NOT NULL, amount_minor INTEGER,
    currency TEXT, done INTEGER NOT NULL, holds INTEGER NOT NULL, reason TEXT NOT NULL
);
-- Rules that were broken, noted when it happened
CREATE TABLE breaches (
    n INTEGER PRIMARY KEY, rule TEXT NOT NULL, reason TEXT NOT NULL, UNIQUE (rule, reason)
);
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, actor TEXT NOT NULL, tool TEXT NOT NULL, args TEXT NOT NULL,
    outcome TEXT NOT NULL, at INTEGER NOT NULL
);
