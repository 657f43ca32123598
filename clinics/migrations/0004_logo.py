import django.db.models.deletion
from django.db import migrations, models


def move_out(apps, schema_editor):
    logos = apps.get_model("clinics", "ClinicLogo").objects
    for clinic in apps.get_model("clinics", "Clinic").objects.exclude(logo=b""):
        logos.create(clinic=clinic, png=bytes(clinic.logo))


def move_back(apps, schema_editor):
    clinics = apps.get_model("clinics", "Clinic").objects
    for kept in apps.get_model("clinics", "ClinicLogo").objects.all():
        clinics.filter(pk=kept.clinic_id).update(logo=bytes(kept.png))


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0003_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClinicLogo',
            fields=[
                ('clinic', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='clinics.clinic')),
                ('png', models.BinaryField(help_text='As `clinics.branding` draws it.')),
            ],
        ),
        migrations.RunPython(move_out, move_back, elidable=True),
        migrations.RemoveField(
            model_name='clinic',
            name='logo',
        ),
    ]
