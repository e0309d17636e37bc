from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_answered_on'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['intake_org', 'received_on'], name='case_daybook'),
        ),
    ]
