"""A real mailbox: mail delivered to Dovecot, brought into the inbox by mbsync as documented, judged; the Maildir stays as it was."""

from __future__ import annotations

import getpass
import grp
import hashlib
import imaplib
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.store import Store

ROOT = Path(__file__).resolve().parent.parent
Maker = Callable[..., bytes]
Finder = Callable[..., str]
pytestmark = pytest.mark.slow
DOVECOT = """\
protocols = imap
listen = 127.0.0.1
base_dir = {b}/run
state_dir = {b}/state
log_path = {b}/dovecot.log
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{b}/mail/%u
passdb {{
  driver = static
  args = password=test
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={b}/home/%u
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Server:
    """An IMAP server on this machine with the mailbox `office`."""

    def __init__(self, program: str, folder: Path) -> None:
        user = "nobody" if os.geteuid() == 0 else getpass.getuser()  # it refuses to keep mail as root
        group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        (folder / "dovecot.conf").write_text(DOVECOT.format(b=folder, user=user, group=group, port=self.port), "utf-8")
        if os.geteuid() == 0:
            shutil.chown(folder, user, group)
        folder.chmod(0o755)
        (folder / "dovecot.conf").chmod(0o644)  # whatever this process lets others read
        as_user = ["setpriv", "--reuid", user, "--regid", group, "--clear-groups"] if os.geteuid() == 0 else []
        command = [*as_user, program, "-F", "-c", str(folder / "dovecot.conf")]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        self.log = folder / "dovecot.log"

    def login(self) -> imaplib.IMAP4:
        end = time.monotonic() + 60
        while True:
            try:
                found = imaplib.IMAP4("127.0.0.1", self.port)
                found.login("office", "test")
                return found
            except (OSError, imaplib.IMAP4.error):
                assert time.monotonic() < end, self.log.read_text("utf-8", "replace") if self.log.exists() else "no log"
                time.sleep(0.2)

    def deliver(self, *mails: bytes) -> None:
        with self.login() as box:
            for mail in mails:
                answer, _ = box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)
                assert answer == "OK"

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(needs_program: Finder) -> Iterator[Server]:
    program = needs_program("dovecot", "/usr/sbin/dovecot", package="dovecot-imapd")
    folder = Path(tempfile.mkdtemp(prefix="zicha-imap-"))  # another user has to get there
    found = Server(program, folder)
    yield found
    found.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Office:
    """A home folder whose inbox mbsync fills by the documented configuration."""

    def __init__(self, mbsync: str, server: Server, folder: Path) -> None:
        self.home, self.mbsync = folder / "home", mbsync
        (self.home / "inbox").mkdir(parents=True)
        (folder / "password").write_text("test\n", "utf-8")
        self.config = folder / "mbsyncrc"
        self.config.write_text(documented(self.home, folder / "password", server.port), "utf-8")

    def sync(self) -> None:
        done = subprocess.run([self.mbsync, "-c", str(self.config), "inbox"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def zicha(self, *command: str) -> str:
        env = {**os.environ, "ZICHA_SETTLE": "0"}
        words = [sys.executable, str(ROOT / "zicha.py"), *command, "--home", str(self.home)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def maildir(self) -> dict[str, tuple[str, int, int]]:
        """Path -> checksum, time and number of every file and folder."""
        found = {}
        for path in sorted((self.home / "inbox").rglob("*")):
            data = path.read_bytes() if path.is_file() else b""
            found[str(path)] = (hashlib.sha256(data).hexdigest(), path.stat().st_mtime_ns, path.stat().st_ino)
        return found

    def mails(self) -> set[str]:
        """Checksums of the mails."""
        return {value[0] for path, value in self.maildir().items() if "/cur/" in path or "/new/" in path}

    def states(self) -> list[str]:
        """Of everything that arrived."""
        store = Store(self.home / "var" / "zicha.db")
        found = [a.state for a in store.arrivals()]
        store.close()
        return found


@pytest.fixture
def office(server: Server, needs_program: Finder, tmp_path: Path) -> Office:
    return Office(needs_program("mbsync", package="isync"), server, tmp_path)


def documented(home: Path, password: Path, port: int) -> str:
    """The configuration as docs/mailbox.md prints it, with the places of this test."""
    (found,) = re.findall(r"```\n(IMAPAccount office\n.*?)```", (ROOT / "docs" / "mailbox.md").read_text("utf-8"), re.S)
    for old, new in (
        ("Host imap.unit.example", f"Host 127.0.0.1\nPort {port}"),
        ("User office@unit.example", "User office"),
        ("/etc/zicha/mail-password", str(password)),
        ("SSLType IMAPS", "SSLType None"),
        ("/srv/zicha", str(home)),
    ):
        assert old in found
        found = found.replace(old, new)
    return found


def test_mail_delivered_is_synced_judged_and_left_as_it_was(
    server: Server, office: Office, make_mail: Maker, make_report: Maker, make_catalog: Maker
) -> None:
    server.deliver(make_mail({"自查报告.docx": make_report(), "目录清单.xlsx": make_catalog()}))
    office.sync()
    before = office.maildir()
    office.zicha("once")
    assert office.maildir() == before
    (sheet,) = (office.home / "outbox").glob("*-集贤县-工作单.json")
    assert {c["status"] for c in json.loads(sheet.read_text("utf-8"))["claims"]} == {"matched"}
    assert office.states() == ["used"] * 3

    with server.login() as box:  # someone reads it, and another mail comes
        box.select("INBOX")
        box.store("1", "+FLAGS", "\\Seen")
    server.deliver(make_mail({"自查报告.docx": make_report("宝清县")}, subject="宝清县自查报告"))
    office.sync()
    before = office.maildir()
    office.zicha("once")
    assert office.maildir() == before
    assert office.states() == ["used"] * 5
    assert len(list((office.home / "outbox").glob("*.json"))) == 2


def test_what_is_deleted_on_the_server_stays_here(server: Server, office: Office, make_mail: Maker) -> None:
    server.deliver(make_mail({}), make_mail({}, subject="另一封"))
    office.sync()
    mails = office.mails()
    with server.login() as box:
        box.select("INBOX")
        box.store("1", "+FLAGS", "\\Deleted")
        box.expunge()
    office.sync()
    assert len(mails) == 2
    assert office.mails() == mails


def test_a_server_that_is_down_is_mbsyncs_trouble_and_the_inbox_stays_whole(server: Server, office: Office, make_mail: Maker) -> None:
    server.deliver(make_mail({}))
    office.sync()
    before = office.maildir()
    server.stop()
    done = subprocess.run([office.mbsync, "-c", str(office.config), "inbox"], capture_output=True, check=False)
    assert done.returncode != 0
    assert {p: v[0] for p, v in office.maildir().items() if "mbsync" not in p} == {p: v[0] for p, v in before.items() if "mbsync" not in p}
