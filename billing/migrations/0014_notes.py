import billing.clock
import billing.ids
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import functools
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0013_figures'),
    ]

    operations = [
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=functools.partial(billing.ids.new_id, *('note',), **{}), editable=False, max_length=40, unique=True)),
                ('livemode', models.BooleanField()),
                ('subject_kind', models.CharField(choices=[('payment', 'Payment'), ('customer', 'Customer')], max_length=16)),
                ('subject_id', models.CharField(max_length=40)),
                ('audience', models.CharField(choices=[('staff', 'Staff only'), ('merchant_and_staff', 'Merchant and staff')], max_length=20)),
                ('text', models.TextField()),
                ('author_kind', models.CharField(max_length=16)),
                ('author_id', models.TextField()),
                ('author_label', models.TextField()),
                ('created_at', models.DateTimeField(default=billing.clock.now, editable=False)),
                ('merchant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.merchant')),
            ],
            options={
                'db_table': 'note',
                'indexes': [models.Index(fields=['merchant', 'livemode', 'subject_kind', 'subject_id', '-created_at', '-id'], name='note_of_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(('subject_kind__in', ['payment', 'customer'])), name='note_subject_known'), models.CheckConstraint(condition=models.Q(('audience__in', ['staff', 'merchant_and_staff'])), name='note_audience_known'), models.CheckConstraint(condition=models.Q(('author_kind', 'staff'), ('audience', 'merchant_and_staff'), _connector='OR'), name='note_audience_owned'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 5000)), name='note_length')],
            },
        ),
    ]
