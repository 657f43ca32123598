import django.core.validators
from django.db import migrations, models


def forget_what_is_no_colour(apps, schema_editor):
    """The admin took any text for a colour."""
    clinics = apps.get_model("clinics", "Clinic").objects
    clinics.exclude(colour="").exclude(colour__regex=r"^#[0-9a-f]{6}$").update(colour="")


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0002_handouts'),
    ]

    operations = [
        migrations.AddField(
            model_name='clinic',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.RunPython(forget_what_is_no_colour, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='clinic',
            name='colour',
            field=models.CharField(blank=True, help_text='For example “#0b5f66”. It must read well on white.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-f]{6}\\Z')], verbose_name='colour of the handout’s head'),
        ),
    ]
