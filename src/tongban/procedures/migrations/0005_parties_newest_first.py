from django.db import migrations, models
from django.db.models import Q

# What parties repeat of their matter, for nodes that hold some already.
REPEAT = """
UPDATE procedures_party SET (procedure, opened_on, live) =
    (SELECT m.procedure, m.opened_on, m.live FROM procedures_matter m WHERE m.number = procedures_party.matter_id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ("procedures", "0004_matters_found_behind_history"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="matter", name="matter_live"),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["procedure", "-opened_on", "number"], condition=Q(live=True), name="matter_live"),
        ),
        migrations.RemoveIndex(model_name="party", name="party_org"),
        migrations.RemoveIndex(model_name="party", name="party_office"),
        migrations.AddField(
            model_name="party", name="procedure", field=models.CharField("程序", max_length=40, default=""), preserve_default=False
        ),
        migrations.AddField(model_name="party", name="opened_on", field=models.DateField("开始日", null=True)),
        migrations.AddField(
            model_name="party", name="live", field=models.BooleanField("在办", default=False), preserve_default=False
        ),
        migrations.RunSQL(REPEAT, migrations.RunSQL.noop),
    ]
