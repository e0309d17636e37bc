from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='must_change_password',
            field=models.BooleanField(db_default=False, default=False, verbose_name='须修改口令'),
        ),
    ]
