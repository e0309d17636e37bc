from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_indexes_for_sqlite_too")]

    operations = [
        migrations.AddIndex(
            "duty",
            models.Index(
                fields=["id"], condition=models.Q(("closed_at", None), ("due_on", None)), name="duty_undated"
            ),
        ),
    ]
