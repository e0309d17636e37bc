from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('materials', '0004_bounds_of_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='material',
            name='place',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='次序'),
        ),
    ]
