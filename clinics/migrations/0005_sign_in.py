from django.core.management import call_command
from django.db import migrations, models


def make_the_table_of_tries(apps, schema_editor):
    """What worker processes share of tries and codes; Django's cache in the database keeps it."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


def let_the_demo_be(apps, schema_editor):
    """Everyone in it is invented, and its password is shown."""
    apps.get_model("clinics", "Clinic").objects.filter(is_demo=True).update(requires_second_factor=False)


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0004_logo'),
    ]

    operations = [
        migrations.AddField(
            model_name='clinic',
            name='requires_second_factor',
            field=models.BooleanField(default=True, help_text='A passkey or a code of an app. A stolen password alone then opens nothing.', verbose_name='ask everyone for a second factor at sign-in'),
        ),
        migrations.AddField(
            model_name='clinic',
            name='idle_minutes',
            field=models.PositiveSmallIntegerField(default=15, help_text='From 2 to 60.', verbose_name='minutes without use until people are signed out'),
        ),
        migrations.AddConstraint(
            model_name='clinic',
            constraint=models.CheckConstraint(condition=models.Q(('idle_minutes__gte', 2), ('idle_minutes__lte', 60)), name='idle_sessions_last_2_to_60_minutes'),
        ),
        migrations.RunPython(make_the_table_of_tries, migrations.RunPython.noop),
        migrations.RunPython(let_the_demo_be, migrations.RunPython.noop, elidable=True),
    ]
