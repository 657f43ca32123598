"""What speaks to whom: encrypted, proven, and only what is written down. Reads what ships for operating, too."""

import ast
import configparser
import datetime
import re
import runpy
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.test import Client

from clinics import uploads
from programs.management.commands import doctor
from tests.clinics.test_settings import read
from tests.faults.servers import Sink, served
from tests.test_house_rules import CODE, ROOT, name_of

__all__ = ["read"]  # a fixture

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
NETWORK = {"socket", "ssl", "smtplib", "http.client", "urllib.request", "requests", "httpx", "asyncio", "ftplib"}
REMOTE = "postgres://app:secret@db.example/name"
SECRETS = {"SECRET_KEY", "FIELD_KEYS", "BACKUP_KEYS", "DATABASE_URL", "EMAIL_URL"}
PLACEHOLDERS = ["", "changeme", "only-for-tests-" * 5, "django-insecure-" + "x" * 50]


def nginx() -> list[str]:
    """Return each `server` of the configuration that ships."""
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    return re.split(r"^server \{", text, flags=re.M)[1:]


def unit(path: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]  # as its manual says
    parser.read(path)
    return parser["Service"]


@pytest.mark.asvs("V12.1.1", "V12.1.2")
def test_nginx_speaks_modern_tls_alone() -> None:
    secure = [server for server in nginx() if "ssl_certificate " in server]
    protocols = [re.search(r"ssl_protocols ([^;]+);", server)[1] for server in secure]
    ciphers = [re.search(r"ssl_ciphers ([^;]+);", server)[1] for server in secure]

    assert protocols == ["TLSv1.2 TLSv1.3"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ciphers[0])
    older = [cipher for cipher in context.get_ciphers() if cipher["protocol"] != "TLSv1.3"]
    assert len(older) == len(ciphers[0].split(":"))  # all are known
    assert all(cipher["aead"] and cipher["kea"] == "kx-ecdhe" for cipher in older)


@pytest.mark.asvs("V12.2.1")
def test_nginx_serves_nothing_in_clear() -> None:
    clear = [server for server in nginx() if "listen 80" in server]

    assert len(clear) == 1
    assert re.findall(r"^\s+(?!listen|server_name|server_tokens)(\S+ .*);", clear[0], re.M) == [
        "return 301 https://clinic.example$request_uri"
    ]
    assert all("ssl" in line for server in nginx() for line in re.findall(r"listen .*443.*;", server))


def test_nginx_takes_what_the_site_takes() -> None:
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", "".join(nginx()))

    assert int(limit) * uploads.MB == uploads.LONGEST_REQUEST


@pytest.mark.asvs("V12.2.1")
def test_the_site_itself_sends_on_to_https_and_its_cookies_never_go_without(read, settings) -> None:
    production = read()
    settings.SECURE_SSL_REDIRECT = production["SECURE_SSL_REDIRECT"]

    response = Client().get("/accounts/login/?next=/patients/")

    assert (response.status_code, response["Location"]) == (301, "https://testserver/accounts/login/?next=/patients/")
    assert not response.cookies
    assert production["SESSION_COOKIE_SECURE"]
    assert production["CSRF_COOKIE_SECURE"]
    assert production["SECURE_HSTS_SECONDS"] >= 31_536_000


@pytest.mark.asvs("V12.3.3", "V13.2.1")
def test_the_web_server_listens_on_this_machine_alone() -> None:
    binds = {runpy.run_path(str(ROOT / "config/gunicorn.py"))["bind"].rpartition(":")[0]}
    for path in UNITS:
        binds |= set(re.findall(r"--bind (\S+)", unit(path)["ExecStart"]))

    assert binds == {"127.0.0.1", "unix:/run/releasefirst/web.sock"}
    assert not list(DEPLOY.glob("*.socket"))


@pytest.mark.asvs("V13.2.5")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_have_an_account_of_their_own_and_no_way_out(path: Path) -> None:
    service = unit(path)

    assert service["User"] == "releasefirst"
    assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")
    assert (service["CapabilityBoundingSet"], service["UMask"]) == ("", "0077")
    assert all(at in ("/srv/releasefirst/var", "/var/backups/releasefirst") for at in service["ReadWritePaths"].split())


def network() -> dict[str, set[str]]:
    """Return what of the network each module of the product imports."""
    found: dict[str, set[str]] = {}
    for path in CODE:
        if name_of(path).startswith("benchmarks/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            if used := {known for name in names for known in NETWORK if f"{name}.".startswith(f"{known}.")}:
                found.setdefault(name_of(path), set()).update(used)
    return found


@pytest.mark.asvs("V13.1.1", "V13.2.4")
def test_what_goes_out_is_written_down() -> None:
    text = (ROOT / "docs/network.md").read_text(encoding="utf-8").split("## In")[0]
    written = set(re.findall(r"^\| [^|]+ \| [^|]+ \| `(\w+)` \|", text, re.M))

    assert written == {"EMAIL_URL", "DATABASE_URL", "SITE_ADDRESS"}
    assert network() == {
        "programs/mail_server.py": {"smtplib", "ssl"},  # what went wrong; Django's own backend sends
        "programs/management/commands/doctor.py": {"smtplib", "socket", "ssl"},
    }


@pytest.mark.asvs("V12.3.1", "V13.2.1")
@pytest.mark.parametrize(
    "given",
    [
        REMOTE,
        f"{REMOTE}?sslmode=require",
        "postgres://app@db.example/name?sslmode=verify-full",
    ],
)
def test_refuses_a_database_elsewhere_that_is_not_proven(read, given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must prove") as refused:
        read(DATABASE_URL=given)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        f"{REMOTE}?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgres://app@db.example/name?sslmode=verify-full&sslcert=/etc/own.pem",
        "postgres://app@127.0.0.1/name",
        "postgres:///name",
    ],
)
def test_takes_a_database_that_is_proven_or_here(read, given: str) -> None:
    assert read(DATABASE_URL=given)["DATABASES"]["default"]["NAME"] == "name"


@pytest.mark.asvs("V13.2.3", "V13.3.1")
@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_refuses_to_start_with_a_placeholder(read, placeholder: str) -> None:
    for name in ("SECRET_KEY", "FIELD_KEYS"):
        with pytest.raises(ImproperlyConfigured, match=name):
            read(**{name: placeholder})


@pytest.mark.asvs("V13.2.3")
def test_the_environment_that_ships_starts_nothing(read) -> None:
    lines = (DEPLOY / "environment").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read(**given)
    assert {given[name] for name in given if name in SECRETS} == {""}


@pytest.mark.asvs("V13.3.1")
def test_every_secret_is_read_from_the_environment_and_written_down() -> None:
    text = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'env(?:\.\w+)?\("(\w*(?:KEY|KEYS|URL|PASSWORD|TOKEN|SECRET))"', text))

    assert asked == SECRETS
    written = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/keys.md").read_text(encoding="utf-8"), re.M)
    assert set(written) == SECRETS


@pytest.mark.asvs("V13.3.1")
def test_no_secret_lies_in_the_tree() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    like_one = re.compile(
        r"-----BEGIN (?:\w+ )*PRIVATE KEY-----\n|AKIA[0-9A-Z]{16}|\bgh[pousr]_[A-Za-z0-9]{36}\b|xox[bp]-\w{10}"
        r"|(?:SECRET_KEY|FIELD_KEYS|BACKUP_KEYS)\s*=\s*[\"']?[\w+/-]{40,}"
    )

    found = []
    for name in filter(None, tracked.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content[:1000] and like_one.search(content.decode(errors="replace")):
            found.append(name)
    assert found == []
    assert like_one.search("SECRET_KEY=" + "x" * 50)


class Authority:
    """Makes certificates that itself vouches for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ours")])
        made = self._builder(self.name, self.key, days=30).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), True
        )
        self.root = folder / "root.pem"
        self.root.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self, host: str, *, days: int) -> ssl.SSLContext:
        """Return what a server needs to be `host`, for that many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        made = self._builder(name, key, days=days).add_extension(names, False).sign(self.key, hashes.SHA256())
        path = self.folder / "server.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(issuer_name=self.name, subject_name=name, public_key=key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=60))
        return builder.not_valid_after(now + datetime.timedelta(days=days, minutes=5))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trusted(authority: Authority, monkeypatch, tmp_path: Path) -> None:
    """The site trusts that authority, and it alone."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))


@contextmanager
def site(context: ssl.SSLContext) -> Iterator[int]:
    """Serve TLS, nothing else, to one visitor."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            client, _ = server.accept()
            try:
                with context.wrap_socket(client, server_side=True) as safe:
                    safe.recv(1)
            except OSError:
                client.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def asked_of(settings, context: ssl.SSLContext, host: str = "localhost") -> str:
    with site(context) as port:
        settings.SITE_ADDRESS = f"https://{host}:{port}"
        return doctor.certificate()


@pytest.mark.asvs("V12.2.2")
def test_doctor_takes_a_certificate_that_is_trusted_and_lasts(settings, authority, trusted) -> None:
    assert re.search(
        r"is trusted for 20 more days, TLSv1\.3", asked_of(settings, authority.context("localhost", days=20))
    )


@pytest.mark.asvs("V12.2.2")
@pytest.mark.parametrize(
    ("host", "days", "said"),
    [("localhost", 13, "ends in 13 days"), ("localhost", -1, "has expired"), ("else.example", 20, "mismatch")],
)
def test_doctor_sees_one_that_ends_or_is_anothers(settings, authority, trusted, host, days, said) -> None:
    with pytest.raises(doctor.Trouble, match=said):
        asked_of(settings, authority.context(host, days=days))


@pytest.mark.asvs("V12.2.2")
def test_doctor_sees_one_that_nobody_vouches_for(settings, authority) -> None:
    with pytest.raises(doctor.Trouble, match="nobody trusts the certificate"):
        asked_of(settings, authority.context("localhost", days=20))


def test_doctor_sees_that_the_site_is_away(settings) -> None:
    settings.SITE_ADDRESS = "https://127.0.0.1:1"

    with pytest.raises(doctor.Trouble, match="can't be reached"):
        doctor.certificate()


def mail_server_is_taken(context: ssl.SSLContext) -> bool:
    with served(Sink(), ssl_context=context) as port:
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host="localhost", port=port, use_ssl=True, timeout=5
        )
        try:
            return bool(connection.open())
        except ssl.SSLCertVerificationError:
            return False
        finally:
            connection.close()


@pytest.mark.fault
@pytest.mark.asvs("V12.3.2", "V12.3.4")
def test_a_mail_server_must_have_the_name_and_an_authority_that_is_trusted(
    authority, trusted, monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr("tests.faults.servers.HOST", "localhost")
    assert mail_server_is_taken(authority.context("localhost", days=20))
    assert not mail_server_is_taken(authority.context("else.example", days=20))
    assert not mail_server_is_taken(authority.context("localhost", days=-1))

    other = tmp_path / "other"
    other.mkdir()
    assert not mail_server_is_taken(Authority(other).context("localhost", days=20))
