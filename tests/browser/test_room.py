"""That what people read has the room that it needs, where it once had not."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.recipes import Recipe, auditors_page, merchant_page
from tests.browser.routes import ROUTES

PHONE = {"viewport": {"width": 390, "height": 844}}
BEYOND = """cells => cells.filter(
  cell => cell.getBoundingClientRect().right > cell.closest(".cf-panel").getBoundingClientRect().right + 1
).map(cell => cell.innerText)"""
CUT = "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.innerText)"


@pytest.fixture
def opened(guide, open_page):
    """The page that a recipe leads to."""

    def open_it(recipe: Recipe | str, **context):
        visit = (ROUTES[recipe] if isinstance(recipe, str) else recipe)(guide)
        return open_page(guide.site, visit.person, visit.path, **context)

    return open_it


def boxes(page, selector: str) -> list[dict[str, float]]:
    return [each.bounding_box() for each in page.locator(selector).all()]


@pytest.mark.parametrize("name", ["merchant:customers", "merchant:customers, all columns"])
def test_no_amount_of_a_customer_is_cut_and_no_name_is_squeezed(opened, name):
    page = opened(name)
    assert page.locator("#results tbody .cf-amounts").evaluate_all(CUT) == []
    assert boxes(page, "#results thead th")[0]["width"] >= 180


def test_a_customers_card_on_a_phone_has_room_for_its_date(opened):
    page = opened("merchant:customers", **PHONE)
    assert page.locator("#results tbody .cf-card-when").evaluate_all(CUT) == []


def test_both_columns_of_a_customer_who_never_paid_begin_at_one_height(opened):
    notes, customer = boxes(opened("merchant:customer, that never paid"), "#notes, #customer")
    assert notes["y"] == customer["y"]


def test_facts_of_a_disputed_payment_stand_on_one_line_for_staff(opened):
    assert len({box["y"] for box in boxes(opened("ops:transaction, busy"), ".cf-facts dt")}) == 1


def test_the_card_number_is_not_torn_from_its_brand(opened):
    page = opened("merchant:customer, deleted")
    assert {round(box["height"]) for box in boxes(page, "#payments tbody tr")} <= {40, 41}


def test_an_error_of_the_amount_has_room(opened):
    page = opened("ops:transactions, invalid")
    page.locator("#error-summary a").first.click()
    assert all(box["width"] >= 150 for box in boxes(page, ".cf-amount .cf-field-error"))


def test_a_date_of_a_period_is_not_cut(opened):
    page = opened(merchant_page("transactions", query="?date=custom&since=2026-11-10&until=2026-11-01"))
    page.locator("#error-summary a").first.click()
    # Its ten digits and signs, and the picture of a calendar.
    assert min(box["width"] for box in boxes(page, "#id_since, #id_until")) >= 140


@pytest.mark.parametrize("name", ["merchant:transactions, nothing found", "merchant:events, nothing yet"])
def test_nothing_is_not_spread_over_pages(opened, name):
    expect(opened(name).locator("#results-sizes")).to_be_hidden()


@pytest.mark.parametrize("name", ["merchant:customer", "ops:transaction, busy"])
def test_ids_stand_on_the_line_of_the_other_facts(opened, name):
    assert {box["height"] for box in boxes(opened(name), ".cf-facts dd")} == {20}


def test_what_is_under_way_is_said_in_full_to_staff(opened):
    """Of two works it is a line each."""
    expect(opened("ops:connections").locator("#results td.cf-wrap").first).to_have_css("white-space", "normal")


def test_a_phone_shows_every_filter_in_use(opened):
    page = opened("merchant:transactions, filtered", **PHONE)
    expect(page.locator(".cf-chip:visible")).to_have_count(4)


def test_paper_cuts_nothing_and_has_nothing_to_press(opened):
    """As wide as A4 is between its margins."""
    paper = {"viewport": {"width": 672, "height": 1000}}
    page = opened("merchant:customer", **paper)
    page.emulate_media(media="print")
    panel, table = boxes(page, "#figures, #figures table")
    assert table["x"] + table["width"] <= panel["x"] + panel["width"]
    expect(page.locator("button:visible, .btn:visible, textarea:visible")).to_have_count(0)
    page = opened("merchant:home", **paper)
    page.emulate_media(media="print")
    days = page.locator(".cf-chart-table")
    expect(days.locator("tbody tr").last).to_be_visible()
    assert days.evaluate("days => days.scrollHeight <= days.clientHeight")


def test_labels_of_the_bar_below_do_not_touch(opened):
    page = opened(auditors_page("transactions"), **PHONE)
    spans = page.locator(".cf-bottombar > a").evaluate_all(
        "links => links.map(link => { const range = document.createRange(); range.selectNodeContents(link);"
        " const box = range.getBoundingClientRect(); return [box.left, box.right]; })"
    )
    gaps = [after[0] - before[1] for before, after in pairwise(spans)]
    assert len(gaps) >= 3
    assert min(gaps) >= 8


def test_results_of_staff_show_the_card(opened):
    page = opened("ops:search")
    assert page.locator("#group-payments .cf-card-what").evaluate_all(CUT) == []


def test_dead_letters_of_a_queue_are_seen_on_a_phone_without_scrolling_sideways(opened):
    events = opened("ops:jobs", **PHONE).get_by_role("row", name="Incoming events")
    link = events.get_by_role("link", name="dead letters").bounding_box()
    assert link["x"] + link["width"] <= PHONE["viewport"]["width"]


@pytest.mark.parametrize(
    "name",
    [
        *("merchant:home", "merchant:transactions", "merchant:refunds", "merchant:disputes", "merchant:activity"),
        *(
            "merchant:customers",
            "merchant:customer",
            "merchant:transaction, busy",
            "merchant:events",
            "merchant:balance",
            "merchant:balance_statement",
            "merchant:search",
        ),
        *("ops:transactions", "ops:transaction, busy", "ops:merchants", "ops:connections", "ops:jobs", "ops:home"),
    ],
)
def test_between_a_desk_and_a_phone_no_page_scrolls_sideways_and_no_figure_is_cut(opened, name):
    """Pages enlarged by a quarter or a half, and tablets."""
    page = opened(name)
    for width in (641, 853, 901, 1024, 1152):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, width
        assert page.locator("main :not(.cf-scroll) > table td.cf-num:visible").evaluate_all(CUT) == [], width
        assert page.locator(".cf-panel > table td:visible").evaluate_all(BEYOND) == [], width
