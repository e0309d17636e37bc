import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_person_must_change_password'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExternalIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=200, verbose_name='签发者')),
                ('subject_lookup', models.CharField(max_length=64, unique=True, verbose_name='主体（检索值）')),
                ('bound_at', models.DateTimeField(verbose_name='绑定时间')),
                ('applicant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='external_identities', to='accounts.applicant')),
            ],
            options={
                'verbose_name': '外部身份',
            },
        ),
    ]
