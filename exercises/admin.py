"""The catalog in the admin. Rows are retired or edited, never deleted: programs and issues point to them."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from clinics.admin_keys import FindsRows
from clinics.models import User
from exercises import admin_forms, editing, evidence, help_texts, models, word_forms
from exercises.admin_fields import LineListField, in_plain_words
from exercises.admin_history import WithHistory
from exercises.admin_review import WithReview

LINE_LISTS = {
    *("other_names", "search_words", "nerves", "about"),
    *("icd10", "supports", "opposes", "careful", "progress", "regress", "stop", "emergency", "stops"),
}
THROUGH = {"muscles"}  # a driver's stand in rows of their own

LONG = ("pose", "search_text", "shipped", "driver_overrides", "precaution_overrides", "attributes", "equipment", "note")


class LinesAsText:
    """Shows a list of short lines as one line each, and says of each field what it is for."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        said = help_texts.for_field(db_field.model._meta.model_name, db_field.name)
        if db_field.name in LINE_LISTS:
            return LineListField(
                required=not db_field.blank,
                label=db_field.verbose_name.capitalize(),
                help_text=f"One line each. {said}",
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # a mix-in
        if field and said:
            field.help_text = said
        if isinstance(field, forms.IntegerField):
            in_plain_words(field)
        return field


class SharedAlone:
    """Links to shared exercises only: no clinic's own may be in the catalog of all."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is models.Exercise:
            kwargs["queryset"] = models.Exercise.objects.shared()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]  # a mix-in


class WordsBeside:
    """Shows the words of a row in all languages there are now, side by side."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = kwargs.pop("form", self.form)  # type: ignore[attr-defined]  # a mix-in
        if issubclass(form, word_forms.TranslatedForm):
            form = word_forms.with_twins(form, self.model)  # type: ignore[attr-defined]  # a mix-in
        elif issubclass(form, word_forms.ExerciseTexts):
            form = word_forms.with_texts(form)
        return super().get_form(request, obj, change=change, form=form, **kwargs)  # type: ignore[misc]  # a mix-in

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        form, meta = self.form, self.model._meta  # type: ignore[attr-defined]  # a mix-in
        if not issubclass(form, word_forms.TranslatedForm):
            return super().get_fieldsets(request, obj)  # type: ignore[misc]  # a mix-in
        stored = [field.name for field in (*meta.fields, *meta.many_to_many) if field.editable]
        shown = [name for name in stored if name not in {"id", "translations", *THROUGH}]
        return [(None, {"fields": [word_forms.row_of(name) if name in form.words else name for name in shown]})]


class CatalogAdmin(WithHistory, SharedAlone, WordsBeside, LinesAsText, FindsRows, admin.ModelAdmin):
    """A kind of catalog row: its slug stays once given, and it can't be deleted."""

    list_per_page = 150
    search_fields: ClassVar[tuple[str, ...]] = ("slug", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        has_slug = any(field.name == "slug" for field in self.model._meta.fields)
        return ("slug", *self.readonly_fields) if obj and has_slug else tuple(self.readonly_fields)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, Any]:
        """Make the slug of a new row from its name, as one types."""
        has_both = {"slug", "name"} <= {field.name for field in self.model._meta.fields}
        return {"slug": ["name"]} if obj is None and has_both else {}

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        editing.saved(form.instance, by=cast(User, request.user))


@admin.register(evidence.Citation)
class CitationAdmin(CatalogAdmin):
    list_display = ("slug", "text", "status")
    list_filter = ("status",)
    search_fields = ("slug", "text")


@admin.register(evidence.Finding)
class FindingAdmin(CatalogAdmin):
    form = admin_forms.FindingForm
    list_display = ("name", "group", "order")
    list_filter = ("group",)


@admin.register(evidence.OutcomeMeasure)
class OutcomeMeasureAdmin(CatalogAdmin):
    list_display = ("name", "use")
    autocomplete_fields = ("citations",)


@admin.register(evidence.Claim)
class ClaimAdmin(CatalogAdmin):
    list_display = ("claim", "kind", "we_say")
    list_filter = ("kind",)
    search_fields = ("slug", "claim")
    autocomplete_fields = ("made_by", "citations")


@admin.register(evidence.CheckBasis)
class CheckBasisAdmin(CatalogAdmin):
    list_display = ("title", "slug", "certainty")
    search_fields = ("slug", "title")
    autocomplete_fields = ("citations",)


@admin.register(models.Muscle)
class MuscleAdmin(CatalogAdmin):
    form = admin_forms.MuscleForm
    list_display = ("name", "plain", "action")
    search_fields = ("slug", "name", "plain")
    autocomplete_fields = ("antagonists",)


@admin.register(models.MusclePair)
class MusclePairAdmin(CatalogAdmin):
    list_display = ("tight", "weak", "relation", "weight")
    list_filter = ("weight",)
    list_select_related = ("tight", "weak")
    search_fields = ("tight__name", "weak__name")
    autocomplete_fields = ("tight", "weak")


@admin.register(models.Equipment)
class EquipmentAdmin(CatalogAdmin):
    form = admin_forms.EquipmentForm
    list_display = ("name", "slug", "household")
    list_filter = ("household",)


@admin.register(models.Attribute)
class AttributeAdmin(CatalogAdmin):
    list_display = ("name", "slug")


class DriverMuscleInline(LinesAsText, FindsRows, admin.TabularInline):
    model = models.DriverMuscle
    autocomplete_fields = ("muscle",)
    extra = 0


@admin.register(models.Driver)
class DriverAdmin(CatalogAdmin):
    form = admin_forms.DriverForm
    change_form_template = "admin/exercises/change_form_preview.html"
    list_display = ("name", "short_name", "bias", "order")
    autocomplete_fields = ("citations",)
    inlines = (DriverMuscleInline,)


@admin.register(models.Precaution)
class PrecautionAdmin(CatalogAdmin):
    form = admin_forms.PrecautionForm
    change_form_template = "admin/exercises/change_form_preview.html"
    list_display = ("name", "order", "sign_off", "needs_due_date")
    list_filter = ("sign_off",)


@admin.register(models.RedFlagGroup)
class RedFlagGroupAdmin(CatalogAdmin):
    form = admin_forms.RedFlagGroupForm
    list_display = ("title", "order")
    search_fields = ("title",)


@admin.register(models.RedFlag)
class RedFlagAdmin(CatalogAdmin):
    form = admin_forms.RedFlagForm
    list_display = ("question", "group", "urgency", "blocks", "retired")
    list_filter = ("urgency", "blocks", "retired", "group")
    list_select_related = ("group",)
    search_fields = ("question", "suspects")
    autocomplete_fields = ("group", "citations")


class NarrowList(ChangeList):
    """Leaves the long columns unread, which no list shows: whole rows of ten thousand sort slowly."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        return super().get_queryset(request, exclude_parameters).defer(*LONG)


@admin.register(models.Exercise)
class ExerciseAdmin(WithReview, CatalogAdmin):
    """Exercises: published, retired and the like on their review page."""

    form = admin_forms.ExerciseForm
    list_display = ("name", "phase", "kind", "level", "position", "evidence", "status")
    list_filter = ("status", "phase", "kind", "position", "evidence", "suits_primary")
    search_fields = ("slug", "name", "search_text")
    autocomplete_fields = (
        *("releases", "strengthens", "suits_primary", "suits_secondary"),
        *("progression", "regression", "citations"),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NarrowList

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Exercise]:
        """The shared ones: a clinic's own are its own admin's, and nobody else's to see."""
        return super().get_queryset(request).filter(clinic=None)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Put what the patient reads, in all languages side by side, after the names."""
        first, *rest = super().get_fieldsets(request, obj)
        words = {"fields": word_forms.text_rows(), "classes": ("in-languages",)}
        return [first, ("What the patient reads", words), *rest]

    fieldsets = (
        (None, {"fields": ("status", ("name", "slug"), ("phase", "kind", "level"), "family", "other_names")}),
        ("What it does", {"fields": (("releases", "strengthens"), ("spinal_loading", "nerves"), "attributes")}),
        ("What it takes", {"fields": (("position", "laterality"), ("equipment", "bed_ok"))}),
        (
            "Usual dose",
            {
                "fields": (
                    ("sets", "times_per_day", "days_per_week"),
                    ("reps", "reps_max"),
                    ("hold_s", "hold_s_max"),
                    ("minutes", "minutes_max"),
                    "dose_source",
                )
            },
        ),
        (
            "Whom it suits",
            {"fields": (("suits_primary", "suits_secondary"), "driver_overrides", "precaution_overrides")},
        ),
        ("Easier and harder", {"fields": (("regression", "progression"),)}),
        ("Evidence", {"fields": (("evidence", "citations"), "note", "waiver")}),
    )


class ProtocolItemInline(SharedAlone, LinesAsText, FindsRows, admin.TabularInline):
    model = models.ProtocolItem
    autocomplete_fields = ("exercise",)
    extra = 0


@admin.register(models.Protocol)
class ProtocolAdmin(CatalogAdmin):
    list_display = ("title", "driver")
    list_select_related = ("driver",)
    search_fields = ("title", "slug")
    autocomplete_fields = ("driver", "citations")
    inlines = (ProtocolItemInline,)
