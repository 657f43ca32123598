"""Uploaded files stay in the database under names of our own; what is sent out is named by us."""

import re
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exercises import uploads
from exercises.exchange import jobs, reading
from exercises.exchange.jobs import CannotImport
from exercises.exchange.mistakes import BadFile
from exercises.uploads import BadPicture
from tests.conftest import make_editor, make_patient, make_user, signed_in
from tests.exercises.exchange.test_reading import COLUMNS
from tests.photos import photo
from tests.programs.samples import make_issue, make_program
from tests.security.test_code import OWN, found, imports, names
from tests.test_house_rules import CODE

NAMES = ["../../etc/passwd.csv", "C:\\x.csv", "a\0b.csv", "x" * 300 + ".csv", "CON.csv", "-rf.csv", "$(touch x).csv"]
REAL = {"png": photo(kind="PNG"), "jpg": photo(kind="JPEG"), "webp": photo(kind="WEBP")}
OTHERS = {
    "gif": photo(kind="GIF"),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "html": b"<!doctype html><script>alert(1)</script>",
    "php": b"<?php echo 1;",
    "py": b"import os",
    "pdf": b"%PDF-1.7",
    "zip": b"PK\x03\x04" + b"\0" * 400,
    "exe": b"MZ" + b"\0" * 400,
    "bmp": b"BM" + b"\0" * 400,
}


@pytest.mark.asvs("V5.2.2", "V5.3.1")
@pytest.mark.parametrize("kind", [*REAL, *OTHERS])
def test_a_picture_is_what_is_in_it(kind):
    """Its name and what a browser says of it are never asked."""
    if kind in REAL:
        assert uploads.media_type(uploads.clean(REAL[kind])) in {uploads.PNG, uploads.JPEG}
    else:
        with pytest.raises(BadPicture):
            uploads.clean(OTHERS[kind])


@pytest.mark.asvs("V5.2.2")
@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["png", "exe", "svg", ""])
def test_a_file_of_the_catalog_has_a_name_that_says_what_it_is(ending):
    with pytest.raises(CannotImport):
        jobs.receive(f"rows.{ending}", b"slug,name\nnew,New\n", by=make_editor())


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize("content", [*OTHERS.values(), REAL["png"]], ids=[*OTHERS, "png"])
def test_a_workbook_is_one(content):
    with pytest.raises(BadFile):
        list(reading.read(content, "xlsx", COLUMNS))


@pytest.mark.asvs("V5.3.2", "V1.2.5")
@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:8])
def test_no_name_of_a_file_leads_anywhere(settings, tmp_path, name):
    settings.VAR_DIR = settings.FIGURES_DIR = settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("a.csv", b"slug,name\nnew,New\n")
    file._name = name

    signed_in(make_editor()).post(reverse("exchange"), {"file": file})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.asvs("V5.3.2")
def test_no_table_keeps_a_file_and_no_page_writes_one():
    assert found(names("FileField", "ImageField", "FilePathField", "default_storage"), code=MODELS) == set()
    assert found(imports("django.core.files.storage")) <= {"config/static.py"}


MODELS = [path for path in OWN if path in CODE and "forms" not in path.name and "fields" not in path.name]


@pytest.mark.asvs("V5.4.1", "V5.4.2")
@pytest.mark.django_db
@pytest.mark.parametrize("typed", ['a"b', "a\r\nSet-Cookie: x=1", "a;b", "Müller", "李雷", "../x", "=cmd", ""])
def test_a_file_that_is_sent_is_named_by_us(typed):
    by = make_user()
    patient = make_patient(f"{typed} Rivera", clinic=by.memberships.get().clinic)
    made = make_issue(make_program("Bridge", by=by, patient=patient), by=by)

    answer = signed_in(by).get(reverse("handout_pdf", args=[made.pk]), {"filename": "evil.exe", "download": "1"})

    message = EmailMessage()
    message["Content-Disposition"] = answer["Content-Disposition"]
    assert message.get_content_disposition() == "attachment"
    assert re.fullmatch(r"exercise-program-[a-z0-9-]+-v\d+\.pdf", message.get_filename())
    assert "Set-Cookie" not in answer
