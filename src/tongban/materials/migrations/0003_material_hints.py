from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('materials', '0002_uploads_and_scanning'),
    ]

    operations = [
        migrations.AddField(
            model_name='material',
            name='hints',
            field=models.TextField(blank=True, db_default='', default='', verbose_name='提示'),
        ),
    ]
