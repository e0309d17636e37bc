import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_external_identity'),
    ]

    operations = [
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='上岗')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='交班')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='accounts.person')),
                ('window', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='accounts.window')),
            ],
            options={
                'verbose_name': '值班',
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['window'], name='shift_open_at_window')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('person',), name='shift_open_once_per_person'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='shift_does_not_end_before_it_starts')],
            },
        ),
    ]
