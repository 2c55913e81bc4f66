"""The page in a real browser, over figures in a real Redis."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from pipeline.scores.beside import Beside
from pipeline.scores.kpi import Values
from pipeline.views.directory import Directory
from pipeline.views.live import LiveFigures
from pipeline.web.alert_actions import AlertActions
from pipeline.web.serve import bind, serving
from schemas.alerts import Alert
from tests.browser.chromium import chromium
from tests.harness.published import best_day, contest, count, figure, goals, made, phones, publish, sales_floor, silent
from tests.harness.vouching import vouching
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.browser

WAIT_SECONDS = 25


@dataclass
class Page:
    """The open page, and the Redis it shows."""

    browser: Chrome
    redis_url: str
    namespace: str

    def text(self, selector: str) -> str:
        """The text of the first place that a selector finds, '' where there is none."""
        while True:
            found = self.browser.find_elements(By.CSS_SELECTOR, selector)
            with suppress(StaleElementReferenceException):  # Drawn anew since it was found.
                return found[0].text if found else ""

    def click(self, selector: str) -> None:
        """Click what a selector finds, as soon as there is any, also where it is drawn anew meanwhile."""

        def clicked(browser: Chrome) -> bool:
            browser.find_element(By.CSS_SELECTOR, selector).click()
            return True

        waiting = WebDriverWait(self.browser, WAIT_SECONDS, ignored_exceptions=(StaleElementReferenceException,))
        waiting.until(clicked)

    def until(self, selector: str, text: str) -> None:
        """Wait until a place has a text."""
        WebDriverWait(self.browser, WAIT_SECONDS).until(
            lambda _: self.text(selector) == text, f"{selector} did not become {text!r}"
        )

    def publish(self, calls: int, version: int, *alerts: Alert) -> None:
        """Change the figures."""
        publish(self.redis_url, self.namespace, sales_floor(calls, version), alerts)


@pytest.fixture
def page(redis_server: RedisServer, namespace: str, tmp_path: Path) -> Iterator[Page]:
    """The page over the figures of a small sales floor with 12 calls."""
    publish(redis_server.url, namespace, sales_floor(12, 1))
    with (
        vouching(redis_server.url, namespace),
        Redis.from_url(redis_server.url, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, namespace), listening) as address,
        chromium(tmp_path) as browser,
    ):
        browser.get(address)
        yield Page(browser, redis_server.url, namespace)


def test_figures_change_by_themselves(page: Page) -> None:
    """What is published while the page is open appears on it, for the company, a team and a rep."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    page.publish(57, 2)

    page.until('#tiles [data-kpi="calls"] dd', "57")
    page.until('#teams [data-scope="team:north"] [data-kpi="calls"]', "57")
    page.until('#reps [data-scope="rep:rep-02"] [data-kpi="calls"]', "57")


def test_shows_teams_reps_funnel_and_units(page: Page) -> None:
    """Shares, money and lengths of time have their units; what cannot be computed is a dash; stages are in order."""
    page.until('#tiles [data-kpi="connect_rate"] dd', "40%")
    page.until('#tiles [data-kpi="talk_time"] dd', "1:02:05")
    page.until('#tiles [data-kpi="answer_speed"] dd', "–")
    rows = page.browser.find_elements(By.CSS_SELECTOR, "#funnel li > span:first-child")

    assert [row.text for row in rows] == ["discovery", "proposal", "won"]
    assert page.text('#tiles [data-kpi="bookings"] dd') == "€12.5K"
    assert len(page.browser.find_elements(By.CSS_SELECTOR, "#teams tbody tr")) == 2
    assert len(page.browser.find_elements(By.CSS_SELECTOR, "#reps tbody tr")) == 2


def test_goals_are_shown_where_there_are_any(page: Page) -> None:
    """What is reached of each target in its unit, and the pace; nobody sees an empty list of goals."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    card = page.browser.find_element(By.ID, "goals-card")
    assert not card.is_displayed()
    publish(page.redis_url, page.namespace, [figure("company", "company", "day", goals(), 2)])

    page.until('#goals [data-stage="won"] b', "12 of 20")
    assert page.text('#goals [data-stage="won"] small') == "pace 120%, ends at 24"
    assert page.text('#goals [data-stage="bookings"] b') == "€5K of €10K"
    assert card.is_displayed()


def test_what_splits_move_stands_beside_a_team(page: Page) -> None:
    """Of bookings and of what is open, with its sign; nothing where no deal is split."""
    page.until('#teams [data-scope="team:north"] small', "")
    publish(page.redis_url, page.namespace, [
        figure("team:north", "team:north", "day", {"bookings_split": count(-250_000)}, 2),
        figure("team:north", "team:north", "now", {"open_pipeline_split": count(300_000)}, 2),
    ])  # fmt: skip

    page.until('#teams [data-scope="team:north"] small', "by splits -€2,500 booked, €3,000 open")
    assert page.text('#teams [data-scope="team:south"] small') == ""


def test_people_are_called_by_their_names(redis_server: RedisServer, namespace: str, tmp_path: Path) -> None:
    """Where somebody keeps a directory; who is not in it goes by id."""
    publish(redis_server.url, namespace, sales_floor(12, 1), [silent("rep:rep-02@south", "team:south")])
    with (
        vouching(redis_server.url, namespace),
        Redis.from_url(redis_server.url, decode_responses=True) as client,
    ):
        Directory(client, namespace).replace({"rep:rep-02": "Robin <b>Example</b>"})
        with (
            bind("127.0.0.1", 0) as listening,
            serving(LiveFigures(client, namespace), listening) as address,
            chromium(tmp_path) as browser,
        ):
            browser.get(address)
            page = Page(browser, redis_server.url, namespace)
            page.until("#alerts strong", "Robin <b>Example</b>")
            page.until('#reps [data-scope="rep:rep-02"] th', "Robin <b>Example</b>")
            page.until('#reps [data-scope="rep:rep-01"] th', "rep-01")


def test_alerts_have_no_buttons_where_nobody_may_write(page: Page) -> None:
    """The page offers nothing that the board would refuse."""
    page.publish(12, 2, silent("team:south", "team:south"))
    page.until("#alerts strong", "south")

    assert not page.browser.find_elements(By.CSS_SELECTOR, "#alerts button")
    assert not page.browser.find_element(By.ID, "actions").is_displayed()


def test_an_alert_is_acknowledged_on_the_page(redis_server: RedisServer, namespace: str, tmp_path: Path) -> None:
    """By name and token; whoever gives none, or another one, is told what is missing."""
    sent: list[dict[str, Any]] = []
    publish(redis_server.url, namespace, sales_floor(12, 1), [silent("team:south", "team:south")])
    with (
        vouching(redis_server.url, namespace),
        Redis.from_url(redis_server.url, decode_responses=True) as client,
        bind("127.0.0.1", 0) as listening,
        serving(LiveFigures(client, namespace), listening, AlertActions("t" * 32, sent.append)) as address,
        chromium(tmp_path) as browser,
    ):
        browser.get(address)
        page = Page(browser, redis_server.url, namespace)
        page.until("#alerts strong", "south")
        ack = browser.find_element(By.CSS_SELECTOR, '#alerts [data-action="ack"]')
        ack.click()
        browser.find_element(By.ID, "by").send_keys("lead-1")
        browser.find_element(By.ID, "token").send_keys("t" * 31)
        ack.click()
        page.until(
            "#action-result", "Not done: allowed is the header Authorization: Bearer, with the token of this board."
        )
        assert sent == []
        browser.find_element(By.ID, "token").send_keys("t")
        ack.click()
        page.until("#action-result", "silent_team:team:south: acknowledged by lead-1. Shown within a minute.")

    assert [event["data"]["acknowledged_by"] for event in sent] == ["lead-1"]


def test_phones_are_shown_where_anything_is_told_of_them(page: Page) -> None:
    """How many reps are in each state, an absence with its reason; nobody sees an empty list."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    card = page.browser.find_element(By.ID, "phones-card")
    assert not card.is_displayed()
    publish(page.redis_url, page.namespace, [figure("company", "company", "now", phones(), 2)])

    page.until('#phones [data-stage="on_call"] b', "3")
    assert page.text('#phones [data-stage="break:lunch"] b') == "1"
    assert page.text('#phones [data-stage="on_call"] small').startswith("since ")
    assert card.is_displayed()


def test_a_click_on_a_rep_shows_the_day_of_the_phone(page: Page) -> None:
    """Each state from when until when. Another click hides it."""
    began_ms = 1_795_424_400_000
    told = [
        {"state": "break:lunch", "from_ms": began_ms, "to_ms": began_ms + 60_000},
        {"state": "on_call", "from_ms": began_ms + 60_000, "to_ms": None},
    ]
    line: dict[str, Any] = {"value": 2, "stretches": told, "beyond": 0}
    card = page.browser.find_element(By.ID, "timeline-card")
    page.until('#tiles [data-kpi="calls"] dd', "12")
    assert not card.is_displayed()
    publish(
        page.redis_url, page.namespace, [figure("team:north", "rep:rep-01@north", "day", {"phone_timeline": line}, 2)]
    )
    rep = '#reps [data-scope="rep:rep-01"] th button'
    page.click(rep)
    WebDriverWait(page.browser, WAIT_SECONDS).until(lambda _: page.text("#timeline-of") == "rep-01")
    WebDriverWait(page.browser, WAIT_SECONDS).until(
        lambda _: page.text("#timeline li:first-child").endswith(": break: lunch")
    )
    page.click(rep)
    WebDriverWait(page.browser, WAIT_SECONDS).until(lambda _: not card.is_displayed())


def test_callers_who_wait_are_told_with_the_first_of_them(page: Page) -> None:
    """And nothing is said once nobody waits."""
    wait: dict[str, Any] = {"value": 2, "since_ms": 1_762_178_280_000}
    publish(page.redis_url, page.namespace, [figure("company", "company", "now", {"callers_waiting": wait}, 2)])
    WebDriverWait(page.browser, WAIT_SECONDS).until(
        lambda _: page.text("#waiting").startswith("2 callers wait, the first since ")
    )
    nobody: dict[str, Any] = {"value": 0, "since_ms": None}
    publish(page.redis_url, page.namespace, [figure("company", "company", "now", {"callers_waiting": nobody}, 3)])
    page.until("#waiting", "")


def test_coaching_and_mood_are_shown_where_anything_is_told_of_them(page: Page) -> None:
    """Counts, ratings and eNPS; a survey that too few answered leaves no trace."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    card = page.browser.find_element(By.ID, "coaching-card")
    assert not card.is_displayed()
    kpis: Values = {"one_to_ones": {"value": 3}, "call_quality": {"value": 0.85}, "enps": {"value": None}}
    publish(page.redis_url, page.namespace, [figure("company", "company", "day", kpis, 2)])

    page.until('#coaching [data-kpi="one_to_ones"] dd', "3")
    assert page.text('#coaching [data-kpi="call_quality"] dd') == "85%"
    assert page.text('#coaching [data-kpi="enps"]') == ""
    assert card.is_displayed()


def test_a_contest_and_what_was_achieved_come_and_go(page: Page) -> None:
    """Who stands where, how far it is, and the best day in words; nothing stays of what is taken back."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    cards = [page.browser.find_element(By.ID, f"{name}-card") for name in ("contests", "achieved", "industry")]
    assert not any(card.is_displayed() for card in cards)
    publish(page.redis_url, page.namespace, sales_floor(12, 2), recognition=[contest(), best_day()])

    page.until('#contests [data-contest="contest:sprint"] strong', "Sprint")
    assert page.text("#contests small") == "bookings, until 2026-11-27"
    assert page.text('#contests [data-entrant="rep:rep-01"]') == "1 rep-01 €5K"
    page.until("#achieved li strong", "rep-01")
    assert page.text("#achieved li span") == "best day by calls: 41 on 2026-11-20"
    publish(
        page.redis_url, page.namespace, sales_floor(12, 3),
        recognition=[contest(2, "taken_back"), best_day(2, "taken_back")],
    )  # fmt: skip
    page.until("#contests", "")
    page.until("#achieved", "")
    assert not any(card.is_displayed() for card in cards)


def test_reps_stand_beside_those_of_an_industry(page: Page) -> None:
    """The middle one of those here, the industry's with its quartiles, and whose account that is."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    told = [{
        "id": "calls", "kpi": "calls", "period": "day", "median": "35", "lower_quartile": "20",
        "upper_quartile": "52.5", "source_name": "Survey of nobody", "effective_on": "2026-01-01",
    }]  # fmt: skip
    publish(page.redis_url, page.namespace, sales_floor(12, 2), beside={"company": Beside(industry=json.dumps(told))})

    page.until('#industry [data-kpi="calls"] span', "calls: 12 here, 35 (20 to 52.5) elsewhere")
    assert page.text("#industry small") == "Survey of nobody, from 2026-01-01; 2 reps here"


def test_alerts_come_and_go(page: Page) -> None:
    """An open alert is listed and counted; a resolved one disappears."""
    page.until("#alerts", "All teams are active.")
    page.publish(13, 2, silent("rep:rep-01@north", "team:north"))
    page.until("#alert-count", "1")
    assert page.text("#alerts") == "rep-01@north\nsilent for 20 working minutes, since 11:40:00 UTC"
    page.publish(14, 3, silent("rep:rep-01@north", "team:north", is_open=False))

    page.until("#alerts", "All teams are active.")


def test_a_window_that_there_is_not_is_the_day(page: Page) -> None:
    """Whatever stands in the address, also a word that every object of the language knows: figures are shown."""
    address = page.browser.current_url.partition("?")[0]
    for window in ("constructor", "__proto__", "toString", "x", "", "%00"):
        page.browser.get(f"{address}?window={window}")
        page.until('#tiles [data-kpi="calls"] dd', "12")
        checked = "return document.querySelector('#windows input:checked').value"
        assert page.browser.execute_script(checked) == "day"


def test_another_window_and_another_team(page: Page) -> None:
    """A choice of window or team changes what the figures are of."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    page.browser.find_element(By.CSS_SELECTOR, '#windows input[value="1h"] + span').click()
    page.until('#tiles [data-kpi="calls"] dd', "1")
    page.browser.find_element(By.CSS_SELECTOR, '#teams [data-scope="team:south"] button').click()

    page.until("#chosen", "south")


def test_a_day_stands_beside_what_is_usual_of_a_whole_one(page: Page) -> None:
    """Four Mondays of 30 to 42 calls, and nothing won; nothing is said of a window in which nothing is usual."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    mondays = zip(("11-16", "11-09", "11-02", "10-26"), (30, 34, 38, 42), strict=True)
    publish(page.redis_url, page.namespace, [
        made(
            "team:north", "team:north", "day", f"day:2026-{day}", 2,
            {"calls": count(calls), "activities": count(calls)}, current=False,
        )
        for day, calls in mondays
    ])  # fmt: skip
    assert page.text("#against") == ""
    page.click('#teams [data-scope="team:north"] button')

    told = "calls 36 (24 to 48), deals won 0 (0 to 0), bookings €0 (€0 to €0)"
    page.until("#against", f"Usual of a whole Monday: {told}")
    page.click('#windows input[value="1h"] + span')
    page.until("#against", "")


def test_nothing_is_wrong_in_the_browser(page: Page) -> None:
    """No script fails, nothing is refused by the content policy, and every control has a name."""
    page.until('#tiles [data-kpi="calls"] dd', "12")
    unnamed = page.browser.execute_script(
        "return [...document.querySelectorAll('button, input')]"
        ".filter(e => !(e.ariaLabel || e.textContent || e.closest('label')?.textContent)).length"
    )

    logged = page.browser.execute("getLog", {"type": "browser"})["value"]

    assert unnamed == 0
    assert [entry["message"] for entry in logged if entry["level"] == "SEVERE"] == []
