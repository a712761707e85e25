"""Views of the merchant's lists: saved, opened, shared, changed, and what a list opens with."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.models import AuditEvent
from portal.web.saved_views.models import MOST, DefaultView, ListKind, SavedView
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, swap, swapped_out_of_band
from tests.portal.payments import address, decline, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
QUERY = "status=failed&columns=fee&sort=-amount"


@pytest.fixture
def person(shop):
    return make_person(merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def client(person):
    return signed_in(person)


@pytest.fixture
def colleague(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.OWNER))


@pytest.fixture
def viewer(shop):
    return signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))


def url(shop, rest="", kind="transactions", mode="test"):
    return address(shop, f"{kind}/{rest}", mode)


def save(client, shop, name="Failed", query=QUERY, *, kind="transactions", mode="test", **fields):
    return client.post(f"{url(shop, 'views/new/', kind, mode)}?{query}", {"name": name, **fields})


def saved(client, shop, name="Failed", query=QUERY, **fields):
    assert save(client, shop, name, query, **fields).status_code == 302
    return SavedView.objects.get(name=name)


def choose(client, shop, view, **fields):
    public_id = getattr(view, "public_id", view)
    return client.post(url(shop, "views/default/"), {"view": public_id, **fields})


def names(client, shop, rest="?view=all", **place):
    html = element(client.get(url(shop, rest, **place)).content, "views")
    return re.findall(r'<bdi class="cf-view-name">(.*?)</bdi>', unescape(str(html)).replace("\n", ""))


@pytest.mark.parametrize(
    ("kind", "place"),
    [("transactions", "transactions"), ("activity", "transactions"), ("refunds", "refunds"), ("disputes", "disputes")],
)
def test_the_rail_shows_which_list_the_views_are_of(client, shop, kind, place):
    for page in ("views/", "views/new/"):
        rail = (
            client.get(url(shop, page, kind)).content.decode().partition('class="cf-rail"')[2].partition("</aside>")[0]
        )
        assert re.findall(r'href="/m/acme/test/(\w+)/"[^>]* aria-current="true"', rail) == [place]


def test_a_view_is_saved_and_opened_by_its_address(client, shop):
    pay(make_connection(shop))
    answer = save(client, shop, "  Failed,   dear ", f"{QUERY}&cursor=n.2.x&totals=shown&colour=red")
    view = SavedView.objects.get()
    assert (view.name, view.stored, view.kind, view.livemode) == ("Failed, dear", QUERY, "transactions", False)
    assert answer["Location"] == f"{url(shop)}?{QUERY}&view={view.public_id}"
    opened = client.get(url(shop, f"views/{view.public_id}/"))
    assert opened["Location"] == answer["Location"]
    page = client.get(opened["Location"])
    assert page.status_code == 200
    assert "Modified" not in str(element(page.content, "views"))
    assert "View saved." in page.content.decode()


def test_the_query_lies_sealed_in_the_database(client, shop):
    saved(client, shop, "Lena", "email=lena%40vogt.example")
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM portal_savedview")
        assert "vogt" not in cursor.fetchone()[0]


def test_a_changed_view_can_be_saved_saved_as_another_or_reset(client, shop):
    view = saved(client, shop)
    there = f"{url(shop)}?{QUERY}&view={view.public_id}"
    changed = f"{url(shop)}?status=failed&status=blocked&view={view.public_id}"
    bar = str(element(client.get(changed).content, "views"))
    assert "Modified" in bar
    assert f"{url(shop, 'views/new/')}?status=blocked&status=failed" in bar
    assert f'href="{url(shop)}views/{view.public_id}/"' in bar
    stored = client.post(f"{url(shop, f'views/{view.public_id}/overwrite/')}?status=failed&status=blocked")
    assert stored["Location"] == f"{url(shop)}?status=blocked&status=failed&view={view.public_id}"
    assert "Modified" not in str(element(client.get(changed).content, "views"))
    assert "Modified" in str(element(client.get(there).content, "views"))


def test_links_of_an_open_view_keep_its_name(client, shop):
    view = saved(client, shop, query="status=failed")
    page = client.get(f"{url(shop)}?status=failed&view={view.public_id}").content.decode()
    assert f'<input type="hidden" name="view" value="{view.public_id}">' in page
    assert f'href="{url(shop)}?view={view.public_id}"' in page
    plain = client.get(f"{url(shop)}?view={view.public_id}")
    assert "Modified" in str(element(plain.content, "views"))


def test_a_swap_brings_the_line_of_views_along(client, shop):
    view = saved(client, shop)
    where = f"{url(shop)}?{QUERY}&view={view.public_id}"
    assert swapped_out_of_band(swap(client, where).content)["views"] == element(client.get(where).content, "views")


def test_views_are_private_until_they_are_shared(client, colleague, viewer, shop):
    saved(client, shop, "Mine")
    saved(client, shop, "Ours", shared="on")
    assert names(client, shop) == ["Mine", "Ours"]
    assert names(colleague, shop) == ["Ours"]
    assert names(viewer, shop) == ["Ours"]
    assert names(client, shop, kind="refunds") == []
    assert names(client, shop, mode="live") == []


def test_foreign_and_absent_views_are_both_not_there(client, colleague, shop):
    mine = saved(client, shop)
    other = make_merchant("globex")
    theirs = saved(signed_in(make_person(merchant=other)), other, "Theirs", shared="on")
    live = saved(client, shop, "Live", mode="live")
    for asker, public_id in ((colleague, mine), (client, theirs), (client, live), (client, "viw_nothing")):
        name = getattr(public_id, "public_id", public_id)
        assert asker.get(url(shop, f"views/{name}/")).status_code == 404
        assert asker.get(url(shop, f"views/{name}/edit/")).status_code == 404
        assert asker.post(url(shop, f"views/{name}/edit/"), {"delete": "yes"}).status_code == 404
        assert asker.post(url(shop, f"views/{name}/overwrite/")).status_code == 404
        assert choose(asker, shop, name).status_code == 404
    assert SavedView.objects.count() == 3
    assert client.get(url(shop, "views/", kind="customers")).status_code == 404
    # An address that was passed on shows the same rows to whoever does not have the view.
    passed_on = colleague.get(f"{url(shop)}?status=failed&view={mine.public_id}")
    assert passed_on.status_code == 200
    assert mine.name not in str(element(passed_on.content, "views"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the view a name"),
        ("  ", "Give the view a name"),
        ("x" * 61, "at most 60|1 to 60"),
        ("a\u202eb", "1 to 60"),
        ("a\x00b", "Null characters"),
    ],
)
def test_a_name_says_something(client, shop, name, words):
    answer = save(client, shop, name)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "<title>Error:" in html
    assert re.search(words, html)
    assert not SavedView.objects.exists()


def test_a_name_is_taken_once_by_a_person_and_once_by_the_team(client, colleague, shop):
    saved(client, shop, "Failed")
    assert "You have a view of that name" in save(client, shop, "FAILED").content.decode()
    saved(client, shop, "failed", shared="on")
    answer = save(colleague, shop, "Failed", shared="on")
    assert answer.status_code == 422
    assert "The team has a view of that name" in answer.content.decode()
    assert save(colleague, shop, "Failed").status_code == 302
    assert save(client, shop, "Failed", kind="refunds", query="").status_code == 302
    assert SavedView.objects.count() == 4


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=tent&date=last-30-days&status=failed", "“tent” · Status Failed · Date Last 30 days"),
        ("date=custom&since=2026-11-01&until=2026-11-03", "Date 1 – 3 Nov 2026"),
    ],
)
def test_a_form_says_what_the_view_will_find_on_any_day(client, shop, query, words):
    assert f"Transactions · {words}</p>" in client.get(f"{url(shop, 'views/new/')}?{query}").content.decode()


def test_filters_with_a_mistake_are_not_kept(client, shop):
    assert "Save as a view" not in client.get(f"{url(shop)}?last4=12").content.decode()
    assert client.get(f"{url(shop, 'views/new/')}?last4=12").status_code == 200
    answer = save(client, shop, query="last4=12")
    assert answer.status_code == 422
    assert "The filters contain an error" in answer.content.decode()


def test_hostile_names_and_filters_stay_text(client, shop):
    saved(client, shop, "<script>alert(1)</script>", "q=%22%3E%3Cb%3E")
    for rest in ("?view=all", "views/"):
        html = client.get(url(shop, rest)).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html


def test_a_card_number_is_kept_neither_as_a_name_nor_in_the_filters(client, shop):
    assert save(client, shop, "4242 4242 4242 4242").status_code == 400
    assert save(client, shop, "Card", "q=4242+4242+4242+4242").status_code == 400
    assert not SavedView.objects.exists()


def test_a_list_has_so_many_views_and_no_more(client, shop, person):
    for number in range(MOST):
        SavedView(
            merchant=shop, livemode=False, kind=ListKind.TRANSACTIONS, owner=person, name=f"View {number}", query="q=a"
        ).save()
    answer = save(client, shop)
    assert answer.status_code == 422
    assert f"at most {MOST} views" in answer.content.decode()
    assert save(client, shop, shared="on").status_code == 302


def test_one_renames_shares_takes_back_and_deletes(client, colleague, shop, person):
    view = saved(client, shop)
    edit = url(shop, f"views/{view.public_id}/edit/")
    form = client.get(edit).content.decode()
    assert 'value="Failed"' in form
    assert client.post(edit, {"name": "Failed ones", "shared": "on"})["Location"] == url(shop, "views/")
    assert names(colleague, shop) == ["Failed ones"]
    colleague.post(edit, {"name": "Failed ones"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Failed ones", False)
    # Whoever takes a view of the team for themselves has it.
    assert names(client, shop) == []
    assert colleague.post(edit, {"delete": "yes"}).status_code == 302
    assert not SavedView.objects.exists()


def test_the_teams_views_are_changed_by_those_who_may(client, viewer, shop):
    view = saved(client, shop, shared="on")
    edit = url(shop, f"views/{view.public_id}/edit/")
    for answer in (
        viewer.get(edit),
        viewer.post(edit, {"name": "x"}),
        viewer.post(edit, {"delete": "yes"}),
        viewer.post(f"{url(shop, f'views/{view.public_id}/overwrite/')}?q=x"),
        choose(viewer, shop, view, **{"for": "team"}),
    ):
        assert answer.status_code == 403
        assert "change views that the team shares" in answer.content.decode()
    french = viewer.get(edit, HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert f"un propriétaire ou un administrateur de {shop.name}" in french
    assert 'name="shared"' not in viewer.get(url(shop, "views/new/")).content.decode()
    own = saved(viewer, shop, "My own", shared="on")
    assert not own.is_shared
    view.refresh_from_db()
    assert (view.name, view.stored) == ("Failed", QUERY)


def test_a_list_opens_with_the_persons_default(client, shop):
    view = saved(client, shop)
    assert client.get(url(shop)).status_code == 200
    assert choose(client, shop, view).status_code == 302
    opened = client.get(url(shop))
    assert opened["Location"] == f"{url(shop)}?{QUERY}&view={view.public_id}"
    assert client.get(f"{url(shop)}?view=all").status_code == 200
    # What leads here with filters of its own goes on without the view, and so do all links from there.
    narrowed = client.get(f"{url(shop)}?status=refunded")
    assert narrowed["Location"] == f"{url(shop)}?status=refunded&view=all"
    cleared = client.get(narrowed["Location"]).content.decode()
    assert f'class="cf-clear" href="{url(shop)}?view=all"' in cleared
    choose(client, shop, "all")
    assert client.get(url(shop)).status_code == 200


def test_the_teams_default_holds_for_whoever_chose_none(client, colleague, viewer, shop):
    ours, mine = saved(client, shop, "Ours", shared="on"), saved(viewer, shop, "Mine", "q=a")
    choose(colleague, shop, ours, **{"for": "team"})
    choose(viewer, shop, mine)
    choose(client, shop, "all")
    assert f"view={ours.public_id}" in colleague.get(url(shop))["Location"]
    assert f"view={mine.public_id}" in viewer.get(url(shop))["Location"]
    assert client.get(url(shop)).status_code == 200
    choose(colleague, shop, "all", **{"for": "team"})
    assert colleague.get(url(shop)).status_code == 200


def test_the_team_opens_nothing_that_only_one_sees(client, shop):
    view = saved(client, shop)
    answer = choose(client, shop, view, **{"for": "team"})
    assert answer.status_code == 422
    assert "Share the view first" in answer.content.decode()
    assert choose(client, shop, "").status_code == 422
    assert not DefaultView.objects.exists()


def test_what_becomes_private_or_goes_is_nobodys_default_any_more(client, colleague, shop):
    view = saved(client, shop, shared="on")
    choose(client, shop, view, **{"for": "team"})
    choose(client, shop, view)
    choose(colleague, shop, view)
    colleague.post(url(shop, f"views/{view.public_id}/edit/"), {"name": "Failed"})
    assert client.get(url(shop)).status_code == 200
    assert colleague.get(url(shop)).status_code == 302
    colleague.post(url(shop, f"views/{view.public_id}/edit/"), {"delete": "yes"})
    assert colleague.get(url(shop)).status_code == 200


def test_a_view_opens_without_what_the_list_forgot_and_says_so(client, shop):
    view = saved(client, shop)
    view.query = "status=failed&status=burnt&colour=red"
    view.save(update_fields=["query"])
    opened = client.get(url(shop, f"views/{view.public_id}/"))
    assert opened["Location"] == f"{url(shop)}?status=failed&view={view.public_id}"
    page = client.get(opened["Location"])
    assert page.status_code == 200
    assert "left out: status, colour." in page.content.decode()
    assert "Modified" not in str(element(page.content, "views"))


def test_every_act_leaves_a_row_without_words_about_people(client, shop):
    view = saved(client, shop, "Lena's", "email=lena%40vogt.example", shared="on")
    choose(client, shop, view)
    client.post(f"{url(shop, f'views/{view.public_id}/overwrite/')}?q=vogt")
    edit = url(shop, f"views/{view.public_id}/edit/")
    client.post(edit, {"name": "Vogt"})
    client.post(edit, {"delete": "yes"})
    rows = AuditEvent.objects.filter(merchant_id=shop.pk, action__startswith="view.").order_by("seq")
    acts = ["saved", "default_chosen", "overwritten", "changed", "deleted"]
    assert [row.action for row in rows] == [f"view.{act}" for act in acts]
    assert {row.object_id for row in rows} == {view.public_id}
    said = " ".join(str(row.after) for row in rows)
    assert "Lena" not in said
    assert "vogt" not in said.lower()


def test_staff_who_look_see_the_teams_views_and_change_none(client, shop):
    view = saved(client, shop, shared="on")
    looking = signed_in(make_person(staff_role=StaffRole.AGENT))
    looking.post(f"/ops/merchants/{shop.slug}/visit/", {"reason": "Case 4711, a question"})
    page = looking.get(f"{url(shop)}?q=x&view={view.public_id}")
    assert page.status_code == 200
    bar = str(element(page.content, "views"))
    assert "Failed" in bar
    assert "Save" not in bar
    assert looking.post(f"{url(shop, f'views/{view.public_id}/overwrite/')}?q=x").status_code == 403
    assert save(looking, shop, "New").status_code == 403


def test_a_list_asks_as_much_with_one_view_as_with_many(client, shop):
    decline(make_connection(shop))
    asked = set()
    for number in range(3):
        saved(client, shop, f"View {number}")
        client.get(f"{url(shop)}?view=all")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{url(shop)}?view=all")
        asked.add(len(captured))
    assert len(asked) == 1
