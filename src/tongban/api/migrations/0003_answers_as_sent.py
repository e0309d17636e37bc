from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0002_probe")]

    operations = [
        migrations.AlterField("idempotencykey", "body", models.TextField(default="", verbose_name="答复")),
    ]
