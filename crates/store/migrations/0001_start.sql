-- The first schema. One text for both databases: {blob} is the only word that differs.
-- Times are milliseconds since 1970, ids are text. Never edited once shipped.

create table setting (
    key text primary key not null,
    value text not null
);

create table person (
    id text primary key not null,
    login text not null,
    login_key text not null unique,
    name text not null,
    role text not null,
    created_at_ms bigint not null,
    deactivated_at_ms bigint,
    password_hash text,
    reset_at_ms bigint,
    reset_by_name text
);

-- A person's data keys, each wrapped. Without `master_wrap` a generation is locked:
-- only the recovery code (`code_wrap`) or a newer key of the same person (`newer_wrap`) opens it.
create table person_key (
    person_id text not null references person (id),
    generation bigint not null,
    master_wrap {blob},
    code_wrap {blob},
    newer_wrap {blob},
    newer_generation bigint,
    primary key (person_id, generation)
);

create table link (
    token_hash text primary key not null,
    kind text not null,
    person_id text references person (id),
    made_at_ms bigint not null,
    expires_at_ms bigint not null
);
create index link_of_person on link (person_id);

create table sign_in (
    id text primary key not null,
    token_hash text not null unique,
    person_id text not null references person (id),
    made_at_ms bigint not null,
    last_seen_at_ms bigint not null,
    expires_at_ms bigint not null,
    device text not null
);
create index sign_in_of_person on sign_in (person_id);

create table call (
    id text primary key not null,
    owner_id text not null references person (id),
    next_seq bigint not null,
    ended_seq bigint,
    opened_at_ms bigint not null,
    last_at_ms bigint not null
);
create index call_of_owner on call (owner_id, opened_at_ms);

-- What happened, sealed. The kind of an event is inside the seal.
create table event (
    call_id text not null references call (id),
    seq bigint not null,
    generation bigint not null,
    at_ms bigint not null,
    payload {blob} not null,
    primary key (call_id, seq)
);

create table audit (
    id text primary key not null,
    at_ms bigint not null,
    actor_id text,
    action text not null,
    subject_id text,
    detail text not null
);
create index audit_of_subject on audit (subject_id);
