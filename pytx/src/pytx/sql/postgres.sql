-- schema --
create table if not exists pytx_op (
  scope text not null, operation text not null, key text not null, fingerprint bytea not null,
  state text not null check (state in ('running','succeeded','failed','unknown','released')),
  fence bigint not null default 1, owner text not null, attempt int not null default 1,
  generation int not null default 1, provider_key text not null, lease_until timestamptz not null,
  created_at timestamptz not null, first_sent_at timestamptz not null,
  updated_at timestamptz not null, checks int not null default 0, next_check_at timestamptz,
  result text, error_code text, error text, late text, note text,
  cap_subject text, cap_currency text, cap_minor bigint,
  primary key (scope, operation, key));
create unique index if not exists pytx_op_provider on pytx_op (provider_key);
create index if not exists pytx_op_open on pytx_op (scope, lease_until)
  where state in ('running','unknown') or late is not null;
create table if not exists pytx_cap (
  scope text not null, subject text not null, currency text not null, cap bigint not null,
  held bigint not null default 0, spent bigint not null default 0,
  primary key (scope, subject, currency),
  check (held >= 0 and spent >= 0 and held + spent <= cap));
create table if not exists pytx_outbox (
  id bigint generated always as identity primary key, message_id text not null unique,
  topic text not null, key text, payload text not null, headers text not null,
  state text not null default 'ready' check (state in ('ready','dead')),
  attempts int not null default 0, available_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz, fence bigint not null default 0, last_error text,
  created_at timestamptz not null default clock_timestamp());
create index if not exists pytx_outbox_ready on pytx_outbox (id) where state = 'ready';
create index if not exists pytx_outbox_key on pytx_outbox (topic, key, id) where key is not null;
create table if not exists pytx_inbox (
  consumer text not null, message_id text not null,
  received_at timestamptz not null default clock_timestamp(), primary key (consumer, message_id))

-- settings --
select current_setting('fsync'), current_setting('synchronous_commit')

-- begin --
BEGIN

-- now --
select extract(epoch from clock_timestamp())::float8

-- columns --
scope, operation, key, fingerprint, state, fence, owner, attempt, generation, provider_key,
  extract(epoch from lease_until)::float8, extract(epoch from created_at)::float8,
  extract(epoch from first_sent_at)::float8, extract(epoch from updated_at)::float8, checks,
  extract(epoch from next_check_at)::float8, result, error_code, error, late, note, cap_subject,
  cap_currency, cap_minor, extract(epoch from clock_timestamp())::float8

-- claim --
with made as (
  insert into pytx_op (scope, operation, key, fingerprint, state, owner, provider_key, lease_until,
    created_at, first_sent_at, updated_at, cap_subject, cap_currency, cap_minor)
  values (%(scope)s, %(operation)s, %(key)s, %(fingerprint)s, 'running', %(owner)s,
    %(provider_key)s, clock_timestamp() + %(lease)s * interval '1 second', clock_timestamp(),
    clock_timestamp(), clock_timestamp(), %(subject)s, %(currency)s, %(minor)s)
  on conflict do nothing -- of either unique index: two at once may meet on the provider's key
  returning *)
select {columns}, true from made
union all
select {columns}, false from pytx_op
where scope = %(scope)s and operation = %(operation)s and key = %(key)s
  and not exists (select 1 from made)

-- read --
select {columns} from pytx_op
where scope = %(scope)s and operation = %(operation)s and key = %(key)s

-- by_provider_key --
select {columns} from pytx_op where provider_key = %(provider_key)s

-- open_rows --
select {columns} from pytx_op
where scope = %(scope)s and (state in ('running','unknown') or late is not null)
  and (state = 'unknown' or (state = 'running' and lease_until <= clock_timestamp())
    or (late is not null and state in ('failed', 'released')))
order by lease_until limit %(limit)s

-- rows_since --
select {columns} from pytx_op
where scope = %(scope)s and operation = %(operation)s and updated_at >= to_timestamp(%(since)s)
order by updated_at, key

-- reclaim --
update pytx_op set state = 'running', fence = fence + 1, attempt = attempt + 1, owner = %(owner)s,
  lease_until = clock_timestamp() + %(lease)s * interval '1 second', generation = %(generation)s,
  provider_key = %(provider_key)s, updated_at = clock_timestamp(), checks = 0,
  first_sent_at = case when state in ('failed', 'released') then clock_timestamp()
    else first_sent_at end,
  next_check_at = null, error_code = null, error = null
where scope = %(scope)s and operation = %(operation)s and key = %(key)s and fence = %(fence)s
  and state = %(state)s and (state <> 'running' or lease_until <= clock_timestamp())

-- finish --
update pytx_op set state = %(state)s, result = %(result)s, error_code = %(error_code)s,
  error = %(error)s, updated_at = clock_timestamp()
where scope = %(scope)s and operation = %(operation)s and key = %(key)s and fence = %(fence)s
  and owner = %(owner)s and state in ('running', 'unknown')

-- settle --
update pytx_op set state = %(state)s, result = %(result)s, error_code = %(error_code)s,
  error = %(error)s, late = null,
  note = %(note)s || coalesce(' (late result: ' || late || ')', ''),
  next_check_at = null, updated_at = clock_timestamp()
where scope = %(scope)s and operation = %(operation)s and key = %(key)s and fence = %(fence)s
  and state = %(was)s
  and (state = 'unknown' or (state = 'running' and lease_until <= clock_timestamp())
    or (late is not null and state in ('failed', 'released')))

-- take_check --
update pytx_op set checks = checks + 1, next_check_at = to_timestamp(%(next_check_at)s)
where scope = %(scope)s and operation = %(operation)s and key = %(key)s and fence = %(fence)s
  and checks = %(checks)s
  and (state = 'unknown' or (state = 'running' and lease_until <= clock_timestamp()))

-- put_off --
update pytx_op set next_check_at = to_timestamp(%(next_check_at)s)
where scope = %(scope)s and operation = %(operation)s and key = %(key)s and fence = %(fence)s
  and state in ('running', 'unknown')

-- keep_late --
update pytx_op set late = %(late)s
where scope = %(scope)s and operation = %(operation)s and key = %(key)s

-- drop_results --
update pytx_op set result = null
where scope = %(scope)s and updated_at < to_timestamp(%(before)s) and late is null
  and result is not null and state in ('succeeded', 'failed', 'released')

-- drop_rows --
delete from pytx_op
where scope = %(scope)s and updated_at < to_timestamp(%(before)s) and late is null
  and state in ('succeeded', 'failed', 'released')

-- set_cap --
insert into pytx_cap (scope, subject, currency, cap)
values (%(scope)s, %(subject)s, %(currency)s, %(minor)s)
on conflict (scope, subject, currency) do update set cap = excluded.cap

-- cap --
select cap, held, spent from pytx_cap
where scope = %(scope)s and subject = %(subject)s and currency = %(currency)s

-- hold --
update pytx_cap set held = held + %(minor)s
where scope = %(scope)s and subject = %(subject)s and currency = %(currency)s
  and held + spent + %(minor)s <= cap

-- give --
update pytx_cap set held = held - %(minor)s, spent = spent + %(spent)s
where scope = %(scope)s and subject = %(subject)s and currency = %(currency)s

-- enqueue --
insert into pytx_outbox (message_id, topic, key, payload, headers)
values (%(message_id)s, %(topic)s, %(key)s, %(payload)s, %(headers)s)

-- enqueue_keyed --
with turn as materialized (
  select pg_advisory_xact_lock(hashtextextended(%(topic)s || chr(31) || %(key)s, 0)))
insert into pytx_outbox (message_id, topic, key, payload, headers)
select %(message_id)s, %(topic)s, %(key)s, %(payload)s, %(headers)s from turn

-- notify --
select pg_notify('pytx_outbox', '')

-- listen --
listen pytx_outbox

-- take_messages --
with due as materialized (
  select o.id from pytx_outbox as o
  where o.state = 'ready' and o.available_at <= clock_timestamp()
    and (o.lease_until is null or o.lease_until <= clock_timestamp())
    and o.attempts < %(most_attempts)s and (o.attempts >= 2) = %(suspects)s
    and o.topic = any(%(topics)s)
    and (o.key is null or not exists (
      select 1 from pytx_outbox as e
      where e.topic = o.topic and e.key = o.key and e.id < o.id
        and (e.state = 'ready' or not %(skips_dead)s)))
  order by o.id limit %(limit)s for update skip locked)
update pytx_outbox as o set lease_until = clock_timestamp() + %(lease)s * interval '1 second',
  fence = fence + 1, attempts = attempts + 1
from due where o.id = due.id
returning o.id, message_id, topic, key, payload, headers, attempts, fence, last_error

-- delivered --
delete from pytx_outbox where id = %(id)s and fence = %(fence)s

-- undelivered --
update pytx_outbox set lease_until = null,
  available_at = clock_timestamp() + %(pause)s * interval '1 second', state = %(state)s,
  last_error = %(why)s
where id = %(id)s and fence = %(fence)s

-- bury --
update pytx_outbox set state = 'dead', lease_until = null,
  last_error = coalesce(last_error, 'whoever took it last never came back')
where state = 'ready' and attempts >= %(most_attempts)s
  and (lease_until is null or lease_until <= clock_timestamp())

-- dead_messages --
select id, message_id, topic, key, payload, headers, attempts, fence, last_error
from pytx_outbox where state = 'dead' order by id limit %(limit)s

-- revive --
update pytx_outbox set state = 'ready', attempts = 0, lease_until = null,
  available_at = clock_timestamp()
where message_id = %(message_id)s and state = 'dead'

-- drop --
delete from pytx_outbox where message_id = %(message_id)s and state = 'dead'

-- receive --
insert into pytx_inbox (consumer, message_id) values (%(consumer)s, %(message_id)s)
on conflict do nothing

-- forget_received --
delete from pytx_inbox where received_at < to_timestamp(%(before)s)
