-- Items that their owners gave to make the coder better: one turn, what stood before it, and a code that was disputed.
-- The words are sealed under the donor's key. Who gave it stands here so that it can be taken back, and is shown to nobody.

create table donation (
    id text primary key not null,
    donor_id text not null references person (id),
    call_id text not null references call (id),
    turn bigint not null,
    generation bigint not null,
    payload {blob} not null,
    verdict text
);
create index donation_of_call on donation (call_id);
