"""The forms of the exchange; they validate and nothing else."""

from django import forms

from exercises import vocabulary
from exercises.exchange import decoding, jobs, reading


class ExportForm(forms.Form):
    """Which exercises, as what."""

    kind = forms.ChoiceField(label="Format", choices=list(reading.FORMATS.items()), initial="xlsx")
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "All, retired ones too"), *vocabulary.STATUSES]
    )
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "All"), *vocabulary.PHASES])


class ImportForm(forms.Form):
    """A file to be compared with the catalog."""

    file = forms.FileField(
        label="File",
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.csv,.tsv,.txt,.xlsx"}),
        help_text="YAML, CSV or XLSX, up to 40 MB and 20,000 exercises. You see what would change before it does.",
        error_messages={"required": "Choose a file first."},
    )
    encoding = forms.ChoiceField(
        required=False,
        choices=decoding.ENCODINGS,
        help_text="Only for older CSV files, when the import says that it can’t read a letter.",
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > jobs.LARGEST_FILE:
            raise forms.ValidationError(f"The file is larger than {jobs.LARGEST_FILE // 1024 // 1024} MB. Split it.")
        return file
