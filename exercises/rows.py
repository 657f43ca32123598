"""What all rows of the catalog share.

Rows that ship with the product are keyed by slug. `shipped` holds the values as they were last loaded, so
that loading again can tell an editor's change from an old shipped value.
"""

from django.db import models


class CatalogRow(models.Model):
    """A row of the catalog with a stable slug."""

    slug = models.SlugField(max_length=60, unique=True)
    shipped = models.JSONField(default=dict, editable=False)

    class Meta:
        abstract = True


class TranslatedRow(CatalogRow):
    """A row with words for patients. The fields themselves are English; other languages stand in `translations`."""

    translations = models.JSONField(default=dict, blank=True, help_text='By language: {"es": {"name": "…"}}.')

    class Meta:
        abstract = True

    def said_in(self, language: str, field: str) -> str:
        """Return a text field's words in a language, in English where there are none."""
        words: str = self.translations.get(language, {}).get(field) or getattr(self, field)
        return words

    def lines_in(self, language: str, field: str) -> list[str]:
        """Return a list field's lines in a language; where they are fewer than the English, these follow, too.

        Which line is the missing one can't be told, and none may be lost.
        """
        english: list[str] = getattr(self, field)
        found: list[str] | str = self.translations.get(language, {}).get(field) or []
        lines = [found] if isinstance(found, str) else found
        return lines if len(lines) >= len(english) else [*lines, *english]
