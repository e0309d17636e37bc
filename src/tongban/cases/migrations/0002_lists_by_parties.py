from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_intake"),
        migrations.RemoveIndex(model_name="case", name="case_handling"),
    ]
