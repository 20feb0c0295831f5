"""Who may work in the browser: accounts with argon2 passwords, sessions that end, and attempts that are counted."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.dialects.sqlite import insert

from ingest.schema import attempts, sessions, users
from ingest.store import Store

ROLES = ("查看", "初核", "复核", "管理")
"""From the least to the most: each may do what those before it may."""
SHORTEST = 8
"""Characters of a password."""
LONGEST = 256
PER_NAME, PER_ADDRESS, WINDOW = 5, 30, 900.0
"""So many failures of one name, of one address, within so many seconds: after that nobody gets in by it until they have passed."""
DAY = 12 * 3600.0
"""Seconds after which a session ends however busy it is."""


class AccountError(ValueError):
    """What cannot be done with an account; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in."""

    name: str
    role: str
    disabled: bool = False

    def may(self, role: str) -> bool:
        """Whether this person may do what that role may."""
        return not self.disabled and ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody logged in."""

    key: str
    """SHA-256 of the cookie."""
    user: User
    csrf: str


class Accounts:
    """The accounts of a home folder. Times (`now`) are seconds since 1970."""

    def __init__(self, store: Store, *, idle: float = 3600.0, hasher: PasswordHasher | None = None) -> None:
        self.engine, self.idle = store.engine, idle
        self.hasher = hasher or PasswordHasher()
        self._nobody = self.hasher.hash(secrets.token_hex())

    # ---- people

    def all(self) -> list[User]:
        """Everybody, by name."""
        with self.engine.connect() as db:
            rows = db.execute(sa.select(users.c.name, users.c.role, users.c.disabled).order_by(users.c.name)).all()
        return [User(r.name, r.role, bool(r.disabled)) for r in rows]

    def add(self, name: str, role: str, password: str) -> User:
        """A new person; raises AccountError."""
        _check_name(name)
        _check_role(role)
        _check_password(name, password)
        values = {"name": name, "role": role, "password": self.hasher.hash(password), "created": _today(), "disabled": 0}
        with self.engine.begin() as db:
            if db.execute(insert(users).values(values).on_conflict_do_nothing()).rowcount == 0:
                raise AccountError(f"已有用户“{name}”；改密码用 zicha user password，改角色用 zicha user role")
        return User(name, role)

    def set_password(self, name: str, password: str, *, keep: str = "") -> None:
        """A new password ends every session of that person but the one named `keep`; raises AccountError."""
        _check_password(name, password)
        with self.engine.begin() as db:
            if not db.execute(sa.update(users).where(users.c.name == name).values(password=self.hasher.hash(password))).rowcount:
                raise _unknown(name)
            db.execute(_others(name, keep))
            db.execute(sa.delete(attempts).where(attempts.c.key == f"name:{name}"))

    def set_role(self, name: str, role: str) -> None:
        """Another role, from the next click on; raises AccountError."""
        _check_role(role)
        with self.engine.begin() as db:
            if not db.execute(sa.update(users).where(users.c.name == name).values(role=role)).rowcount:
                raise _unknown(name)

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Nobody logs in under that name any more, and who is logged in is not; raises AccountError."""
        with self.engine.begin() as db:
            if not db.execute(sa.update(users).where(users.c.name == name).values(disabled=int(disabled))).rowcount:
                raise _unknown(name)
            db.execute(_others(name, ""))

    # ---- logging in

    def blocked(self, name: str, address: str, now: float) -> float:
        """Seconds until that name or address may try again; 0 if it may now."""
        with self.engine.connect() as db:
            return max(
                _wait(db, f"name:{name}", PER_NAME, now),
                _wait(db, f"from:{address}", PER_ADDRESS, now),
            )

    def log_in(self, name: str, password: str, address: str, now: float) -> tuple[str, Session] | None:
        """(cookie, session) for the right password, None for a wrong one, which is counted. Takes as long for a name nobody has."""
        with self.engine.connect() as db:
            row = db.execute(sa.select(users).where(users.c.name == name)).mappings().first()
        right = self._verify(row["password"] if row else self._nobody, password)
        if not row or not right or row["disabled"]:
            with self.engine.begin() as db:
                db.execute(sa.delete(attempts).where(attempts.c.at < now - WINDOW))
                db.execute(sa.insert(attempts), [{"key": f"name:{name[:64]}", "at": now}, {"key": f"from:{address}", "at": now}])
            return None
        cookie = secrets.token_urlsafe(32)
        session = Session(_key(cookie), User(row["name"], row["role"]), secrets.token_urlsafe(24))
        values = {"token": session.key, "name": name, "csrf": session.csrf, "created": now, "seen": now, "flash": ""}
        with self.engine.begin() as db:
            db.execute(sa.delete(attempts).where(attempts.c.key == f"name:{name}"))
            db.execute(sa.delete(sessions).where((sessions.c.seen < now - self.idle) | (sessions.c.created < now - DAY)))
            db.execute(sa.insert(sessions).values(values))
            if self.hasher.check_needs_rehash(row["password"]):
                db.execute(sa.update(users).where(users.c.name == name).values(password=self.hasher.hash(password)))
        return cookie, session

    def right(self, name: str, password: str) -> bool:
        """Whether that is the person's password."""
        with self.engine.connect() as db:
            kept = db.execute(sa.select(users.c.password).where(users.c.name == name)).scalar()
        return self._verify(kept or self._nobody, password) and kept is not None

    def session(self, cookie: str, now: float) -> Session | None:
        """Who holds that cookie; None if nobody does, or the session has ended."""
        with self.engine.connect() as db:
            row = db.execute(
                sa.select(sessions, users.c.role, users.c.disabled)
                .join(users, users.c.name == sessions.c.name)
                .where(sessions.c.token == _key(cookie))
            ).first()
        if row is None or row.disabled or now - row.seen > self.idle or now - row.created > DAY:
            return None
        if now - row.seen > min(60.0, self.idle / 4):  # written down seldom: reading a page must not wait for the disk
            with self.engine.begin() as db:
                db.execute(sa.update(sessions).where(sessions.c.token == row.token).values(seen=now))
        return Session(row.token, User(row.name, row.role), row.csrf)

    def log_out(self, key: str) -> None:
        """End a session."""
        with self.engine.begin() as db:
            db.execute(sa.delete(sessions).where(sessions.c.token == key))

    # ---- what the next page says once

    def flash(self, key: str, said: Mapping[str, Any]) -> None:
        """Keep a sentence for the next page of that session."""
        with self.engine.begin() as db:
            db.execute(sa.update(sessions).where(sessions.c.token == key).values(flash=json.dumps(dict(said), ensure_ascii=False)))

    def flashed(self, key: str) -> dict[str, Any] | None:
        """The kept sentence, once."""
        with self.engine.connect() as db:
            text = db.execute(sa.select(sessions.c.flash).where(sessions.c.token == key)).scalar()
        if not text:
            return None
        with self.engine.begin() as db:
            db.execute(sa.update(sessions).where(sessions.c.token == key).values(flash=""))
        found: dict[str, Any] = json.loads(text)
        return found

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self.hasher.verify(kept, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False


def _others(name: str, keep: str) -> sa.Delete:
    return sa.delete(sessions).where(sessions.c.name == name, sessions.c.token != keep)


def _wait(db: sa.Connection, key: str, most: int, now: float) -> float:
    failed = sa.select(attempts.c.at).where(attempts.c.key == key, attempts.c.at > now - WINDOW).order_by(attempts.c.at)
    times = db.execute(failed).scalars().all()
    return times[-most] + WINDOW - now if len(times) >= most else 0.0


def _key(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _today() -> str:
    return datetime.now().astimezone().date().isoformat()


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[\w·.-]{1,32}", name):
        raise AccountError("用户名须为1至32个汉字、字母或数字，不含空格")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError(f"没有“{role}”这一角色；可用：{'、'.join(ROLES)}")


def _check_password(name: str, password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(f"密码须为{SHORTEST}至{LONGEST}个字符")
    if password.strip() in (name, "") or len(set(password)) < 4:
        raise AccountError("密码过于简单：不能与用户名相同，且至少含4种不同的字符")


def _unknown(name: str) -> AccountError:
    return AccountError(f"没有用户“{name}”；用 zicha user list 查看")
