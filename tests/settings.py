"""The site's own settings, in the environment of the tests."""

import os

os.environ["RELEASEFIRST_ENV"] = "test"

from config.settings import *  # noqa: F403  # all of the site's settings
from config.settings import PASSWORD_HASHERS, VAR_DIR

FIGURES_DIR = VAR_DIR / "test-figures"  # named by what they are drawn from, so that one run may use another's
TEST_DATABASES_DIR = VAR_DIR / "test-databases"  # as above: see tests/migrated.py
STAFF_NEED_SECOND_FACTOR = False  # turned on where it is tested
PASSWORD_HASHERS = ["tests.quick_hasher.QuickArgon2", *PASSWORD_HASHERS[1:]]
