from django.db import migrations, models
from django.db.models import Q

ORDER = ["procedure", "-opened_on", "matter"]


class Migration(migrations.Migration):

    # Apart from what is written before it: PostgreSQL lays no index on a table that waits for its triggers.
    dependencies = [
        ("procedures", "0005_parties_newest_first"),
    ]

    operations = [
        migrations.AddIndex(model_name="party", index=models.Index(fields=["org", *ORDER], name="party_org_newest")),
        migrations.AddIndex(model_name="party", index=models.Index(fields=["office", *ORDER], name="party_office_newest")),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["org", *ORDER], condition=Q(live=True), name="party_org_live"),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(fields=["office", *ORDER], condition=Q(live=True), name="party_office_live"),
        ),
    ]
