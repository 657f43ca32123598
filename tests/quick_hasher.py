"""Passwords in tests are hashed as the site does it, with settings that take no time.

How strong the site's own are is asked by tests/security/test_crypto_inventory.py.
"""

from clinics.hashers import SmallArgon2


class QuickArgon2(SmallArgon2):
    time_cost = 1
    memory_cost = 8
