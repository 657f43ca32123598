"""The site's own settings, in the environment of the tests."""

import os

os.environ["RELEASEFIRST_ENV"] = "test"

from config.settings import *  # noqa: F403  # all of the site's settings
