-- schema --
create table if not exists pytx_op (
  scope text not null, operation text not null, key text not null, fingerprint blob not null,
  state text not null check (state in ('running','succeeded','failed','unknown','released')),
  fence integer not null default 1, owner text not null, attempt integer not null default 1,
  generation integer not null default 1, provider_key text not null, lease_until real not null,
  created_at real not null, first_sent_at real not null, updated_at real not null,
  checks integer not null default 0, next_check_at real,
  result text, error_code text, error text, late text, note text,
  cap_subject text, cap_currency text, cap_minor integer,
  primary key (scope, operation, key)) without rowid;
create unique index if not exists pytx_op_provider on pytx_op (provider_key);
create index if not exists pytx_op_open on pytx_op (scope, lease_until)
  where state in ('running','unknown') or late is not null;
create table if not exists pytx_cap (
  scope text not null, subject text not null, currency text not null, cap integer not null,
  held integer not null default 0, spent integer not null default 0,
  primary key (scope, subject, currency),
  check (held >= 0 and spent >= 0 and held + spent <= cap)) without rowid;
create table if not exists pytx_outbox (
  id integer primary key autoincrement, message_id text not null unique, topic text not null,
  key text, payload text not null, headers text not null,
  state text not null default 'ready' check (state in ('ready','dead')),
  attempts integer not null default 0, available_at real not null, lease_until real,
  fence integer not null default 0, last_error text, created_at real not null);
create index if not exists pytx_outbox_ready on pytx_outbox (id) where state = 'ready';
create index if not exists pytx_outbox_key on pytx_outbox (topic, key, id) where key is not null;
create table if not exists pytx_inbox (
  consumer text not null, message_id text not null, received_at real not null,
  primary key (consumer, message_id)) without rowid;

-- begin --
BEGIN IMMEDIATE

-- columns --
scope, operation, key, fingerprint, state, fence, owner, attempt, generation, provider_key,
  lease_until, created_at, first_sent_at, updated_at, checks, next_check_at, result, error_code,
  error, late, note, cap_subject, cap_currency, cap_minor

-- read --
select {columns} from pytx_op where scope = :scope and operation = :operation and key = :key

-- by_provider_key --
select {columns} from pytx_op where provider_key = :provider_key

-- open_rows --
select {columns} from pytx_op
where scope = :scope and (state in ('running','unknown') or late is not null)
  and (state = 'unknown' or (state = 'running' and lease_until <= :now)
  or (late is not null and state in ('failed', 'released')))
order by lease_until limit :limit

-- rows_since --
select {columns} from pytx_op where scope = :scope and operation = :operation and updated_at >= :since
order by updated_at, key

-- insert --
insert into pytx_op (scope, operation, key, fingerprint, state, owner, provider_key, lease_until,
  created_at, first_sent_at, updated_at, cap_subject, cap_currency, cap_minor)
values (:scope, :operation, :key, :fingerprint, 'running', :owner, :provider_key, :now + :lease,
  :now, :now, :now, :subject, :currency, :minor)

-- reclaim --
update pytx_op set state = 'running', fence = fence + 1, attempt = attempt + 1, owner = :owner,
  lease_until = :now + :lease, generation = :generation, provider_key = :provider_key,
  first_sent_at = case when state in ('failed', 'released') then :now else first_sent_at end,
  updated_at = :now, checks = 0, next_check_at = null, error_code = null, error = null
where scope = :scope and operation = :operation and key = :key and fence = :fence
  and state = :state and (state <> 'running' or lease_until <= :now)

-- finish --
update pytx_op set state = :state, result = :result, error_code = :error_code, error = :error,
  updated_at = :now
where scope = :scope and operation = :operation and key = :key and fence = :fence
  and owner = :owner and state in ('running', 'unknown')

-- settle --
update pytx_op set state = :state, result = :result, error_code = :error_code, error = :error,
  late = null,
  note = :note || coalesce(' (late result: ' || late || ')', ''),
  next_check_at = null, updated_at = :now
where scope = :scope and operation = :operation and key = :key and fence = :fence and state = :was
  and (state = 'unknown' or (state = 'running' and lease_until <= :now)
    or (late is not null and state in ('failed', 'released')))

-- take_check --
update pytx_op set checks = checks + 1, next_check_at = :next_check_at
where scope = :scope and operation = :operation and key = :key and fence = :fence
  and checks = :checks and (state = 'unknown' or (state = 'running' and lease_until <= :now))

-- put_off --
update pytx_op set next_check_at = :next_check_at
where scope = :scope and operation = :operation and key = :key and fence = :fence
  and state in ('running', 'unknown')

-- keep_late --
update pytx_op set late = :late
where scope = :scope and operation = :operation and key = :key

-- drop_results --
update pytx_op set result = null
where scope = :scope and updated_at < :before and late is null and result is not null
  and state in ('succeeded', 'failed', 'released')

-- drop_rows --
delete from pytx_op
where scope = :scope and updated_at < :before and late is null
  and state in ('succeeded', 'failed', 'released')

-- set_cap --
insert into pytx_cap (scope, subject, currency, cap) values (:scope, :subject, :currency, :minor)
on conflict (scope, subject, currency) do update set cap = excluded.cap

-- cap --
select cap, held, spent from pytx_cap
where scope = :scope and subject = :subject and currency = :currency

-- hold --
update pytx_cap set held = held + :minor
where scope = :scope and subject = :subject and currency = :currency
  and held + spent + :minor <= cap

-- give --
update pytx_cap set held = held - :minor, spent = spent + :spent
where scope = :scope and subject = :subject and currency = :currency

-- enqueue --
insert into pytx_outbox (message_id, topic, key, payload, headers, available_at, created_at)
values (:message_id, :topic, :key, :payload, :headers, :now, :now)

-- enqueue_keyed --
insert into pytx_outbox (message_id, topic, key, payload, headers, available_at, created_at)
values (:message_id, :topic, :key, :payload, :headers, :now, :now)

-- take_messages --
update pytx_outbox set lease_until = :now + :lease, fence = fence + 1, attempts = attempts + 1
where id in (
  select o.id from pytx_outbox as o
  where o.state = 'ready' and o.available_at <= :now
    and (o.lease_until is null or o.lease_until <= :now)
    and o.attempts < :most_attempts and (o.attempts >= 2) = :suspects
    and o.topic in (select value from json_each(:topics))
    and (o.key is null or not exists (
      select 1 from pytx_outbox as e
      where e.topic = o.topic and e.key = o.key and e.id < o.id
        and (e.state = 'ready' or not :skips_dead)))
  order by o.id limit :limit)
returning id, message_id, topic, key, payload, headers, attempts, fence, last_error

-- delivered --
delete from pytx_outbox where id = :id and fence = :fence

-- undelivered --
update pytx_outbox set lease_until = null, available_at = :now + :pause, state = :state,
  last_error = :why
where id = :id and fence = :fence

-- bury --
update pytx_outbox set state = 'dead', lease_until = null,
  last_error = coalesce(last_error, 'whoever took it last never came back')
where state = 'ready' and attempts >= :most_attempts
  and (lease_until is null or lease_until <= :now)

-- dead_messages --
select id, message_id, topic, key, payload, headers, attempts, fence, last_error
from pytx_outbox where state = 'dead' order by id limit :limit

-- revive --
update pytx_outbox set state = 'ready', attempts = 0, lease_until = null, available_at = :now
where message_id = :message_id and state = 'dead'

-- drop --
delete from pytx_outbox where message_id = :message_id and state = 'dead'

-- receive --
insert into pytx_inbox (consumer, message_id, received_at)
values (:consumer, :message_id, :now) on conflict do nothing

-- forget_received --
delete from pytx_inbox where received_at < :before
