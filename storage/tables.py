"""The tables. Times are text (see times.py), lists are JSON text, `*_sealed` columns are encrypted (see cipher.py)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(16)
TIME = String(32)


def _only_where(condition: str) -> dict[str, Any]:
    """A partial index: rows that are never asked for cost nothing at each turn."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# Keys and erasure ----------------------------------------------------------------------------------------------------

data_key = Table(
    "data_key",
    metadata,
    Column("subject", String(32), primary_key=True),  # contact:<id>, request:<id> or quarantine
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", TIME, nullable=False),
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("subject_id", ID, primary_key=True),
    Column("at", TIME, nullable=False),
)

# Conversations -------------------------------------------------------------------------------------------------------

contact = Table(
    "contact",
    metadata,
    Column("id", ID, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("bot", String(64), nullable=False),
    Column("address_hmac", String(64)),  # NULL once erased
    Column("address_sealed", LargeBinary),
    Column("created_at", TIME, nullable=False),
    Column("erased_at", TIME),
    UniqueConstraint("channel", "bot", "address_hmac"),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("contact_id", ID, ForeignKey("contact.id"), nullable=False, unique=True),
    Column("channel", String(32), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("session_sealed", LargeBinary),
    Column("last_n", Integer, nullable=False),
    Column("waiting", String(32)),
    Column("waiting_since", TIME),
    Column("share_before", Boolean, nullable=False),
    Column("updated_at", TIME, nullable=False),
)
Index(None, conversation.c.waiting_since, **_only_where("waiting IS NOT NULL"))

message = Table(
    "message",
    metadata,
    Column("conversation_id", ID, ForeignKey("conversation.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("sender", String(16), nullable=False),
    Column("author", String(32)),
    Column("key", String(128)),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("inbox_id", ID),
    Column("provider_id", String(128)),
    Column("at", TIME, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("bot", String(64), nullable=False),
    Column("provider_id", String(128), nullable=False),
    Column("payload_sealed", LargeBinary),
    Column("contact_id", ID, ForeignKey("contact.id")),
    Column("conversation_id", ID, ForeignKey("conversation.id")),
    Column("n", Integer),
    Column("state", String(16), nullable=False),
    Column("broken", Text),
    Column("received_at", TIME, nullable=False),
    UniqueConstraint("channel", "bot", "provider_id"),
)
Index(None, inbox.c.contact_id, **_only_where("contact_id IS NOT NULL"))

job = Table(
    "job",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("lane", String(64)),
    Column("key", String(128)),
    Column("kind", String(32), nullable=False),
    Column("payload", LargeBinary, nullable=False),  # encrypted when contact_id is filled
    Column("contact_id", ID, ForeignKey("contact.id")),
    Column("state", String(16), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("run_at", TIME, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("locked_by", String(64)),
    Column("lease_until", TIME),
    Column("error", Text),
    Column("created_at", TIME, nullable=False),
)
Index(None, job.c.lane, job.c.seq, **_only_where("lane IS NOT NULL"))
Index(None, job.c.key, **_only_where("key IS NOT NULL"))
Index(None, job.c.state, job.c.run_at)
Index(None, job.c.contact_id, **_only_where("contact_id IS NOT NULL"))

# What the person on duty hears of. No words of anybody; erasing the contact leaves category, level and month.
alert = Table(
    "alert",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", String(8), unique=True),  # NULL once erased
    Column("conversation_id", ID, ForeignKey("conversation.id")),  # NULL once erased
    Column("category", String(16), nullable=False),
    Column("level", String(16), nullable=False),
    Column("source", String(16)),  # NULL once erased
    Column("at", TIME, nullable=False),  # the beginning of its month once erased
    Column("acknowledged_by", ID, ForeignKey("user_account.id")),
    Column("acknowledged_at", TIME),
    Column("step", Integer, nullable=False),
)
Index(None, alert.c.conversation_id, **_only_where("conversation_id IS NOT NULL"))
Index(None, alert.c.at, **_only_where("acknowledged_at IS NULL AND code IS NOT NULL"))

# How often a guess at the theme held or was put right. Codes and a month; nothing leads to anybody.
understanding_count = Table(
    "understanding_count",
    metadata,
    Column("month", String(8), primary_key=True),  # "2026-03"
    Column("guessed", String(32), primary_key=True),
    Column("chosen", String(32), primary_key=True),
    Column("how", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
)

web_session = Table(
    "web_session",
    metadata,
    Column("contact_id", ID, ForeignKey("contact.id"), primary_key=True),
    Column("resume_hmac", String(64), nullable=False, unique=True),
    Column("expires_at", TIME, nullable=False),
)

web_token = Table(
    "web_token",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("contact_id", ID, ForeignKey("web_session.contact_id"), nullable=False, index=True),
    Column("created_at", TIME, nullable=False),
)

# A page of the desk that a resident sends to somebody themself. Only the link's secret opens it.
link = Table(
    "link",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("contact_id", ID, ForeignKey("contact.id"), nullable=False, index=True),  # who made it
    Column("content_sealed", LargeBinary, nullable=False),
    Column("answer", String(8)),
    Column("answers", Integer, nullable=False),  # how often it was answered; numbers the forms of its page
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=False, index=True),
)

# Requests ------------------------------------------------------------------------------------------------------------

request = Table(
    "request",
    metadata,
    Column("id", ID, primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("contact_id", ID, ForeignKey("contact.id"), nullable=False, index=True),
    Column("conversation_id", ID, ForeignKey("conversation.id"), nullable=False),
    Column("theme", String(32), nullable=False),
    Column("neighbourhood", String(64)),
    Column("status", String(16), nullable=False),
    Column("responsible", String(32)),
    Column("option_sealed", LargeBinary),
    Column("lines_sealed", LargeBinary),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
    Column("erased_at", TIME),
)

consent = Table(
    "consent",
    metadata,
    Column("id", ID, primary_key=True),
    Column("request_id", ID, ForeignKey("request.id"), index=True),
    Column("contact_id", ID, ForeignKey("contact.id"), nullable=False, index=True),
    Column("conversation_id", ID, ForeignKey("conversation.id"), nullable=False),
    Column("card_version", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("card_sealed", LargeBinary, nullable=False),
    Column("lines_on", Text, nullable=False),
    Column("answer", String(8), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("at", TIME, nullable=False),
    Column("withdrawn_at", TIME),
)

referral = Table(
    "referral",
    metadata,
    Column("id", ID, primary_key=True),
    Column("request_id", ID, ForeignKey("request.id"), nullable=False, index=True),
    Column("code", String(8), nullable=False),
    Column("service_id", String(64), nullable=False),
    Column("organisation_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("theme", String(32), nullable=False),
    Column("neighbourhood", String(64)),
    Column("status", String(16), nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("updated_at", TIME, nullable=False),
)
Index(None, referral.c.created_at)
Index(None, referral.c.status, referral.c.created_at)
Index(None, referral.c.organisation_id, referral.c.created_at)
Index(None, referral.c.neighbourhood, referral.c.created_at)

referral_event = Table(
    "referral_event",
    metadata,
    Column("id", ID, primary_key=True),
    Column("referral_id", ID, ForeignKey("referral.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("actor", String(32), nullable=False),
    Column("reason_sealed", LargeBinary),
    Column("at", TIME, nullable=False),
    UniqueConstraint("referral_id", "number"),
)

# Codes of requests that were tried and led nowhere; they count for an hour, and go at the next daily forgetting.
code_guess = Table(
    "code_guess",
    metadata,
    Column("id", ID, primary_key=True),
    Column("contact_id", ID, ForeignKey("contact.id"), nullable=False),
    Column("at", TIME, nullable=False, index=True),
)

# Directory -----------------------------------------------------------------------------------------------------------

# Numbers drawn anew at every change, so that one that was rolled back never names anything else.
directory_version = Table(
    "directory_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("edition", BigInteger, nullable=False),  # of organisations and services: the one that is served
    Column("version", BigInteger, nullable=False),  # of everything but the seats
    Column("seats", BigInteger, nullable=False),
)

# Rows of another edition than the one that is served are being staged, or wait to be swept.
organisation = Table(
    "organisation",
    metadata,
    Column("edition", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),  # records.Organisation as JSON, without its agreement
)

service = Table(
    "service",
    metadata,
    Column("edition", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),  # routing.model.Service as JSON
    Column("capacity", Integer),
)

# Outlive the editions: the letters are the municipality's own, the seats are taken by requests.
agreement = Table(
    "agreement",
    metadata,
    Column("organisation_id", String(64), primary_key=True),
    Column("document", Text, nullable=False),  # routing.model.Agreement as JSON
)

seat = Table(
    "seat",
    metadata,
    Column("service_id", String(64), primary_key=True),
    Column("reserved", Integer, nullable=False),
)

neighbourhood = Table(
    "neighbourhood",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),  # routing.model.Neighbourhood as JSON
)

follower = Table(
    "follower",
    metadata,
    Column("neighbourhood_id", String(64), primary_key=True),  # "": the whole municipality
    Column("user_id", String(32), nullable=False),
    Column("name", String(128), nullable=False),
)

# Routing log ---------------------------------------------------------------------------------------------------------

routing_log = Table(
    "routing_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at_month", String(8), nullable=False),
    Column("theme", String(32), nullable=False),
    Column("neighbourhood", String(64)),
    Column("destination", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("policy", String(64), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("request_mark", String(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("mac", String(64), nullable=False),
)

routing_log_head = Table(
    "routing_log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("mac", String(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("seal", String(64), nullable=False),
)

routing_log_request = Table(
    "routing_log_request",
    metadata,
    Column("seq", Integer, ForeignKey("routing_log.seq"), primary_key=True, autoincrement=False),
    Column("request_id", ID, nullable=False, index=True),
)

# People --------------------------------------------------------------------------------------------------------------

user_account = Table(
    "user_account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login", String(128), nullable=False, unique=True),
    Column("first_name", String(128), nullable=False),
    Column("password_hash", Text),
    Column("created_at", TIME, nullable=False),
    Column("disabled_at", TIME),
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("user_id", ID, ForeignKey("user_account.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(16), nullable=False),
    Column("organisation_id", String(64)),
    Column("neighbourhood", String(64)),
)

login_session = Table(
    "login_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ID, ForeignKey("user_account.id"), nullable=False, index=True),
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=False),
)

failed_login = Table(
    "failed_login",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login_hmac", String(64), nullable=False),
    Column("at", TIME, nullable=False),
)
Index(None, failed_login.c.login_hmac, failed_login.c.at)

access_log = Table(
    "access_log",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", String(32), nullable=False),  # a user, or who else acted: see records.Access
    Column("request_id", ID, nullable=False, index=True),  # a request, a conversation or an alert
    Column("what", String(64), nullable=False),
    Column("at", TIME, nullable=False),
    Column("reason_sealed", LargeBinary),  # under the key of the contact it is about
)
