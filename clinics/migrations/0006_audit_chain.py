import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Coalesce, Left, NullIf

from clinics import audit_chain


def name_and_seal(apps, schema_editor):
    """Entries that are there get their person's name as it is now, and their place in the chain."""
    names = apps.get_model("clinics", "User").objects.filter(pk=models.OuterRef("by"))
    named = names.annotate(said=Coalesce(NullIf("name", models.Value("")), "email", output_field=models.CharField())).values("said")
    entries = apps.get_model("clinics", "AuditEntry").objects.exclude(by=None)
    entries.update(by_name=Left(models.Subquery(named), 120))
    audit_chain.seal(schema_editor.connection)
    audit_chain.install(schema_editor.connection)


def open_again(apps, schema_editor):
    audit_chain.uninstall(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0005_sign_in'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditentry',
            name='by_name',
            field=models.CharField(blank=True, help_text='As the person was called then.', max_length=120),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='chain',
            field=models.BigIntegerField(default=0, editable=False, help_text='The clinic’s number, or 0.'),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='digest',
            field=models.CharField(default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='number',
            field=models.BigIntegerField(editable=False, help_text='1, 2, 3 … in the chain.', null=True),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='previous',
            field=models.CharField(default='', editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='clinic',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='patient_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['clinic', 'at'], name='audit_of_clinic'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['patient_id', 'at'], name='audit_of_patient'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['by', 'at'], name='audit_of_person'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=models.UniqueConstraint(fields=('chain', 'number'), name='one_entry_per_number'),
        ),
        migrations.RunPython(name_and_seal, open_again),
    ]
