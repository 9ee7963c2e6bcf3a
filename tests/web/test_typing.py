"""The search box: suggestions, instant results, history, shortcuts."""

import json
import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

BOX = ".search input[name=q]"


def press_back_from_the_cache(page: Page) -> None:
    """Go back as a browser does with its back/forward cache."""
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")


def test_back_shows_the_words_of_the_results(page: Page) -> None:
    page.goto("/article/bai-1-2020?q=nước")
    page.locator(BOX).fill("cà phê")
    press_back_from_the_cache(page)
    expect(page.locator(BOX)).to_have_value("nước")


def test_instant_results_take_one_history_entry(page: Page) -> None:
    page.goto("/help")
    page.goto("/search?q=nước")
    page.locator(BOX).fill("chạy ven sông")
    expect(page.locator("h1")).to_contain_text("6 kết quả cho chạy ven sông")
    expect(page).to_have_title("chạy ven sông – Tìm Tin")
    expect(page.locator("p[role=status].visually-hidden").last).to_contain_text("6 kết quả")
    page.locator(BOX).fill("trạm bơm")
    expect(page.locator("h1")).to_contain_text("kết quả cho trạm bơm")
    assert "q=tr%E1%BA%A1m+b%C6%A1m" in page.url
    page.go_back()
    expect(page).to_have_url(re.compile("/help$"))


@pytest.mark.parametrize("browser_of", ["2025", "2024"])
def test_instant_results_appear_on_the_home_page(page: Page, browser_of: str) -> None:
    """Even if the browser cannot move an element without losing its focus."""
    if browser_of == "2024":
        page.add_init_script("delete Element.prototype.moveBefore")
    page.goto("/")
    page.locator(BOX).press_sequentially("chạy ven", delay=30)
    expect(page.locator("h1")).to_contain_text("6 kết quả cho chạy ven")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type(" sông")
    expect(page.locator("h1")).to_contain_text("kết quả cho chạy ven sông")
    expect(page.locator(BOX)).to_have_value("chạy ven sông")
    expect(page.locator(".completions")).to_have_count(1)
    page.get_by_role("complementary").get_by_role("link", name="2021").first.click()
    expect(page.locator("h1")).to_contain_text("1 kết quả")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("6 kết quả")
    page.go_back()
    expect(page.locator(".home")).to_be_visible()
    expect(page).to_have_url(re.compile("/$"))


def test_the_list_stays_open_while_results_appear(page: Page) -> None:
    page.goto("/")
    page.locator(BOX).press_sequentially("giá lúa ở", delay=20)
    expect(page.get_by_role("option")).to_have_count(6)
    page.wait_for_selector(".results")
    expect(page.get_by_role("option")).to_have_count(6)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("1 kết quả cho giá lúa ở cần thơ")


def test_escape_keeps_the_text_while_results_appear(page: Page) -> None:
    """The list that the key would close disappears with the box of the home page."""
    page.goto("/")
    page.locator(BOX).press_sequentially("giá lúa", delay=20)
    page.wait_for_selector(".results")
    page.keyboard.press("Escape")
    page.keyboard.type(" ở")
    expect(page.locator("h1")).to_contain_text("kết quả cho giá lúa ở")
    expect(page.locator(BOX)).to_have_value("giá lúa ở")


def test_escape_empties_the_box_where_no_list_is_to_come(page: Page) -> None:
    page.goto("/help")
    with page.expect_response("**/suggest?*"):
        page.locator(BOX).fill("giá")
    expect(page.get_by_role("option")).to_have_count(7)
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).to_have_value("giá")
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).to_have_value("")


def test_escape_without_suggestions_keeps_the_text(page: Page) -> None:
    page.goto("/help")
    with page.expect_response("**/suggest?*"):
        page.locator(BOX).press_sequentially("zzz")
    page.wait_for_timeout(50)  # until the empty answer is processed
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).to_have_value("zzz")
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).to_have_value("")


@pytest.mark.parametrize("pause", [0, 20, 90, 140, 180, 250])
def test_no_key_is_lost_while_results_are_replaced(page: Page, pause: int) -> None:
    """Keys at any pace occur at every stage: the delay, the request, the change of boxes."""
    page.goto("/")
    page.locator(BOX).press_sequentially("chạy ven ", delay=pause)
    page.keyboard.press("Escape")
    page.locator(BOX).press_sequentially("sông", delay=pause)
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_contain_text("6 kết quả cho chạy ven sông")
    expect(page.locator(BOX)).to_have_value("chạy ven sông")


@pytest.mark.parametrize("first", ["words", "filter"])
def test_a_filter_and_words_chosen_at_once_both_apply(page: Page, first: str) -> None:
    """Neither discards the other, whichever comes first."""

    def late(route: Route) -> None:
        page.wait_for_timeout(300)
        route.fallback()

    page.goto("/search?q=nước")
    page.route("**/search?*section=*", late)
    filtered = page.get_by_role("complementary").get_by_role("link", name="Thể thao 6 bài")
    if first == "filter":
        filtered.click()
    page.locator(BOX).fill("lúa")
    if first == "words":
        filtered.click()
    expect(page.locator("h1")).to_contain_text("6 kết quả cho lúa")
    expect(page.locator(".chips a")).to_have_text(re.compile("Thể thao"))
    expect(page.locator(BOX)).to_have_value("lúa")
    assert "section=Th" in page.url


def test_the_home_page_keeps_its_box_while_a_suggestion_is_chosen(page: Page) -> None:
    page.goto("/")

    def late(route: Route) -> None:
        page.wait_for_timeout(1_000)
        route.fallback()

    page.route("**/search?*", late)
    page.locator(BOX).fill("giá")
    expect(page.get_by_role("option")).to_have_count(7)
    page.locator(BOX).press("ArrowDown")
    page.wait_for_timeout(1_300)
    expect(page.locator(".home")).to_be_visible()
    expect(page.locator('[role=option][aria-selected="true"]')).to_have_count(1)


def test_the_home_page_keeps_its_box_while_a_letter_is_composed(page: Page) -> None:
    page.goto("/")
    # In one call: on a busy machine the results would arrive before a second call.
    page.locator(BOX).evaluate("""box => {
        box.value = "nước";
        box.dispatchEvent(new InputEvent("input", {bubbles: true}));
        box.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
    }""")
    page.wait_for_timeout(600)
    expect(page.locator(".home")).to_be_visible()
    page.locator(BOX).dispatch_event("compositionend")
    expect(page.locator("h1")).to_contain_text("24 kết quả cho nước")


def test_a_new_query_keeps_the_filters(page: Page) -> None:
    page.goto("/search?q=nước&section=Thể thao")
    page.locator(BOX).fill("lúa")
    expect(page.locator("h1")).to_contain_text("6 kết quả cho lúa")
    expect(page.locator(".chips a")).to_have_count(1)


def test_the_back_button_undoes_choices_one_by_one(page: Page) -> None:
    page.goto("/search?q=nước")
    side = page.get_by_role("complementary")
    side.get_by_role("link", name="Thể thao 6 bài").click()
    expect(page.locator("h1")).to_contain_text("6 kết quả")
    expect(side.get_by_role("link", name="Thể thao")).to_be_focused()
    page.locator(".histogram a").first.click()
    expect(page.locator("h1")).to_contain_text("1 kết quả")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("6 kết quả")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("24 kết quả")


def test_no_request_is_sent_while_a_syllable_is_composed(page: Page) -> None:
    page.goto("/search?q=nước")
    urls: list[str] = []
    page.on("request", lambda r: urls.append(r.url) if "/static/" not in r.url else None)
    client = page.context.new_cdp_session(page)
    page.locator(BOX).focus()
    page.keyboard.press("Control+A")
    for composed in ("b", "bi", "biê", "biển"):
        client.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
        page.wait_for_timeout(250)
    assert urls == []
    client.send("Input.insertText", {"text": "biển"})
    expect(page.locator("h1")).to_contain_text("cho biển")


def test_a_late_response_does_not_change_the_selection(page: Page) -> None:
    def late(route: Route) -> None:
        if "l%C3%BAa" in route.request.url:
            page.wait_for_timeout(400)
        route.fallback()

    page.goto("/help")
    page.locator(BOX).fill("giá")
    expect(page.get_by_role("option")).to_have_count(7)
    page.route("**/suggest?*", late)
    page.locator(BOX).press_sequentially(" lúa")
    page.wait_for_timeout(200)  # the request is under way
    page.locator(BOX).press("ArrowDown")
    chosen = page.locator(BOX).input_value()
    page.wait_for_timeout(600)
    expect(page.locator(BOX)).to_have_value(chosen)
    expect(page.locator('[role=option][aria-selected="true"]')).to_have_count(1)


def test_the_arrow_opens_the_list_again(page: Page) -> None:
    page.goto("/help")
    box = page.locator(BOX)
    box.press_sequentially("giá lúa ở l")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.locator(".search [role=status]")).to_contain_text("1 gợi ý")
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    box.press("ArrowDown")
    expect(page.get_by_role("option")).to_have_count(1)


def test_a_source_is_offered_by_its_name(page: Page) -> None:
    page.goto("/")
    page.locator(BOX).press_sequentially("pho th")
    expect(page.get_by_role("option").first).to_have_text("Nguồn: Phố Thị")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("12 kết quả")


def test_recent_searches_stay_on_the_device_and_can_be_erased(page: Page) -> None:
    for words in ("nước", "ven sông", "nước"):
        page.goto(f"/search?q={words}")
    page.goto("/")
    page.locator(BOX).press("ArrowDown")
    options = page.get_by_role("option")
    expect(options).to_have_text(["nước", "ven sông", "Xóa các từ khóa đã tìm trên máy này"])
    options.last.click()
    expect(options).to_have_count(0)
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("kept", ["{", '{"a": 1}', "[1, null]", "7"])
def test_the_search_box_works_with_damaged_local_storage(page: Page, kept: str) -> None:
    page.goto("/")
    page.evaluate(f"localStorage.setItem('timtin-recent', {json.dumps(kept)})")
    page.goto("/search?q=nước")
    assert page.evaluate("JSON.parse(localStorage.getItem('timtin-recent'))") == ["nước"]


def test_shortcuts_can_be_switched_off(context: BrowserContext, page: Page) -> None:
    page.goto("/search?q=nước")
    page.keyboard.press("j")
    expect(page.locator(".hit h2 a").first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    page.get_by_role("button", name="Tắt phím tắt").click()
    expect(page).to_have_url(re.compile("/search"))
    page.keyboard.press("/")
    expect(page.locator(BOX)).not_to_be_focused()


def test_theme_and_language_persist(page: Page) -> None:
    page.goto("/search?q=nước&page=2")
    page.get_by_role("button", name="Tối", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 27)"
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_contain_text("24 results for nước")
    expect(page.locator(".paging .here")).to_have_text("Page 2")


def test_filters_are_a_sheet_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/search?q=nước")
    sheet = page.locator(".filters")
    expect(sheet).to_be_hidden()
    page.get_by_role("link", name="Lọc", exact=True).click()
    expect(sheet).to_be_visible()
    sheet.get_by_role("link", name="Thể thao 6 bài").click()
    done = page.get_by_role("link", name="Xem 6 kết quả")
    expect(done).to_be_in_viewport()
    done.click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("link", name="Lọc (1)")).to_be_visible()
    assert page.locator(".hit").count() == 6
