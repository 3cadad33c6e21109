"""The site of the course, built and opened in a browser at desktop and phone widths."""

import functools
import re
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

for name in ("furo", "myst_parser", "sphinx_copybutton", "latex2mathml", "ziamath"):
    pytest.importorskip(name)

ROOT = Path(__file__).parents[2]
CHAPTER = "01_a_tensor_that_remembers.html"
KOREAN = ROOT / "docs/ko"
HALVES = [["docs"], ["-c", "docs", "-D", "language=ko", "docs/ko"]]
korean = pytest.mark.skipif(not (KOREAN / "index.md").exists(), reason="there is no Korean half")


class Server(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/favicon.ico":  # browsers request it if a page does not name an icon
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    for half, place in zip(HALVES, [out, out / "ko"], strict=True):
        if (ROOT / half[-1] / "index.md").exists():
            options = ["-q", "-W", "--keep-going", *half, str(place)]
            command = [sys.executable, "-m", "sphinx", *options]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
            assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def address(folder):
    handler = functools.partial(Server, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def show(browser, address):
    """Open a page, which must log nothing, and request nothing missing or from another host."""
    problems, pages = [], []

    def answered(response):
        if response.status >= 400 or not response.url.startswith(address):
            problems.append(f"{response.status} {response.url}")

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # the test left the page
            problems.append(f"{request.failure} {request.url}")

    def open_page(name, **settings):
        page = browser.new_page(**({"viewport": {"width": 1280, "height": 900}} | settings))
        pages.append(page)
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("response", answered)
        page.on("requestfailed", failed)
        page.goto(address + name)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems == []


def names(folder):
    """All pages except those with code, of which only two are included."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    code = ["source/minigrad/ops.html", "source/models/attention.html"]
    return [name for name in found if not re.match("(ko/)?(source|_static)/", name)] + code


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_fits_the_window_and_has_its_images(folder, address, show, width):
    page = show("index.html", viewport={"width": width, "height": 900})
    assert len(names(folder)) > 10
    for name in names(folder):
        page.goto(address + name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        broken = "[...document.images].filter(one => !one.naturalWidth).map(one => one.src)"
        assert page.evaluate(broken) == [], name
        if width == 1280:  # on a narrow screen wide tables scroll
            cut = "[...document.querySelectorAll('.table-wrapper')]"
            cut += ".filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
            assert page.evaluate(cut) == [], name


def test_no_link_is_broken(folder):
    pages = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}
    ids = {path: set(re.findall(r'\bid="([^"]+)"', text)) for path, text in pages.items()}
    broken = set()
    for path, text in pages.items():
        text = re.sub(r"<script.*?</script>", "", text, flags=re.S)
        for link in set(re.findall(r'<[^>]*\b(?:href|src)="([^"]*)"', text)):
            file, anchor = urldefrag(link)
            if re.match(r"https?:|data:|mailto:", link) or link == "#":
                continue
            target = (path.parent / unquote(file.partition("?")[0])).resolve() if file else path
            if not target.is_file() or (anchor and unquote(anchor) not in ids[target]):
                broken.add((path.relative_to(folder).as_posix(), link))
    assert broken == set()


def test_formulas_and_korean_have_their_fonts(show):
    page = show(CHAPTER)
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter(one => one.status == 'loaded').map(one => one.family)"
    assert "formulas" in page.evaluate(loaded)
    tall = page.locator("math[display=block] mfrac").first.bounding_box()["height"]
    assert tall > 1.5 * page.locator("math[display=block] mi").first.bounding_box()["height"]
    page = show("glossary.html")
    page.evaluate("document.fonts.ready")
    assert "korean" in page.evaluate(loaded)


def test_links_to_code_and_numbers(show):
    page = show(CHAPTER)
    page.get_by_role("link", name="minigrad/ops.py · mul").click()
    page.wait_for_url("**/source/minigrad/ops.html#line-*")
    assert page.locator("span:target").inner_text().strip() == "@op"
    page.wait_for_function("document.querySelector('span:target').getBoundingClientRect().y < 900")
    page = show(CHAPTER)
    page.locator("a.measured").first.click()
    page.wait_for_url("**/figures/bottleneck.json")


def test_the_explorer_is_one_click_away(show):
    page = show(CHAPTER)
    page.get_by_role("link", name="Step through it").click()
    page.wait_for_function("document.getElementById('said').textContent")
    page.keyboard.press("ArrowRight")
    assert page.text_content("#said") == "Step 1, forward: s = 2 + 3 = 5."
    page.get_by_role("link", name="1. A tensor that remembers").click()
    page.wait_for_url(f"**/{CHAPTER}")


def test_the_front_page_lists_the_pages_to_play_with(folder, show):
    page = show("index.html")
    links = page.eval_on_selector_all(".playing a", "all => all.map(a => a.getAttribute('href'))")
    assert {f"pages/{name}" for name in playing_pages()} <= set(links)
    explorers = [path.relative_to(folder).as_posix() for path in folder.glob("pictures/*.html")]
    assert set(explorers) <= set(links)
    says = {"pages/cross.html": "Word 1 is ", "pages/gpt.html": "The next word is"}
    for address, said in says.items():
        page = show("index.html")
        page.locator(f".playing a[href='{address}']").click()
        page.wait_for_url(f"**/{address}")
        assert page.locator("#says").inner_text().startswith(said)
        page.get_by_role("link", name="minigrad: the course").click()
        page.wait_for_url("**/index.html")


def playing_pages():
    """The attention pages that the site makes from stored data."""
    return [f"{path.stem}.html" for path in (ROOT / "docs/pages").glob("*.json")]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_front_page_has_a_live_translator(show, width):
    page = show("index.html", viewport={"width": width, "height": 900})
    frame = page.frame_locator("iframe.live")
    frame.locator("#text").fill("오늘은 금요일입니다.")
    assert frame.locator("#answer").inner_text() == "Today is Friday."
    inside = page.frames[1]
    fits = "document.documentElement.scrollHeight <= innerHeight"
    inside.wait_for_function(f"() => {fits}")
    frame.locator("#stage button").first.click()
    assert frame.locator("#detail").is_visible()
    inside.wait_for_function(f"() => {fits}")
    for theme in ("dark", "light"):
        page.evaluate("(theme) => { document.body.dataset.theme = theme; }", theme)
        dark = "getComputedStyle(document.body).backgroundColor === 'rgb(20, 23, 28)'"
        inside.wait_for_function(f"() => ({dark}) === {str(theme == 'dark').lower()}")
    assert inside.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_links_to_itself_at_full_size(show):
    page = show(CHAPTER, viewport={"width": 390, "height": 900})
    shown = page.locator(".picture img").first
    at = shown.get_attribute("src")
    shown.click()
    page.wait_for_url(f"**/{at}")


SMALLEST = """() => {
  const size = (text) => {
    const { a, b } = text.getCTM();
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
  };
  const texts = [...document.querySelectorAll("text")];
  return Math.min(...texts.map(size)) / document.documentElement.width.baseVal.value;
}"""


def test_the_text_of_a_large_drawing_can_be_read(show):
    page = show("14_seeing_it.html")
    picture = page.locator("img[src*=drawings_gradients]")
    width, address = picture.bounding_box()["width"], picture.evaluate("image => image.src")
    page.goto(address)
    assert width * page.evaluate(SMALLEST) >= 9


def test_search(show):
    page = show("index.html")
    page.fill("input[name=q]", "birth")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=birth*")
    page.get_by_role("link", name="1. A tensor that remembers").nth(1).wait_for()
    assert page.locator(".search li").count() >= 2


def test_light_and_dark(show):
    grounds = []
    for scheme in ("light", "dark"):
        page = show(CHAPTER, color_scheme=scheme)
        ground = "getComputedStyle(document.querySelector('{}')).backgroundColor".format
        assert page.evaluate(ground(".picture")) == "rgb(255, 255, 255)"
        grounds.append(page.evaluate(ground("body")))
    assert grounds[0] != grounds[1]


# The Korean half, and the way between the two.


@korean
@pytest.mark.parametrize("width", [1280, 390])
def test_the_switch_leads_to_the_same_section(show, width):
    page = show(CHAPTER, viewport={"width": width, "height": 900})
    page.locator("article h2").nth(2).evaluate("one => one.scrollIntoView()")
    page.wait_for_function("document.querySelector('a.language').href.endsWith('#section-4')")
    page.get_by_role("link", name="한국어", exact=True).click()
    page.wait_for_url(f"**/ko/{CHAPTER}#section-4")
    assert page.get_attribute("html", "lang") == "ko"
    page.wait_for_function(
        "Math.abs(document.querySelectorAll('article h2')[2].getBoundingClientRect().y) < 200"
    )
    page.get_by_role("link", name="English", exact=True).click()
    page.wait_for_url(f"**/{CHAPTER}#section-4")
    assert "/ko/" not in page.url


@korean
def test_both_halves_have_the_same_sections(folder):
    for path in [*KOREAN.glob("[0-9]*.md"), KOREAN / "index.md", KOREAN / "glossary.md"]:
        places = [half / f"{path.stem}.html" for half in (folder, folder / "ko")]
        pages = [place.read_text("utf-8") for place in places]
        one, other = [re.findall('id="(section-[0-9]+)"', page) for page in pages]
        assert one == other, path.name
        assert f'<link rel="alternate" href="ko/{path.stem}.html" hreflang="ko">' in pages[0]
        assert f'<link rel="alternate" href="../{path.stem}.html" hreflang="en">' in pages[1]
    assert 'class="language ' not in (folder / "benchmarks.html").read_text("utf-8")


@korean
def test_the_front_page_offers_korean_to_browsers_set_to_it(show):
    for other in ("en-US", "kok-IN"):
        assert not show("index.html", locale=other).locator(".offer").is_visible()
    page = show("index.html", locale="ko-KR")
    page.get_by_role("link", name="한국어로 읽기").click()
    page.wait_for_url("**/ko/index.html")


@korean
def test_the_switch_works_without_javascript(show):
    page = show(f"ko/{CHAPTER}", java_script_enabled=False)
    page.get_by_role("link", name="English", exact=True).click()
    page.wait_for_url(f"**/{CHAPTER}")


@korean
@pytest.mark.parametrize(
    ("typed", "chapter"),
    [
        ("어텐션", "07"),
        ("은닉", "04"),
        ("금요일", "03"),
        ("셀프 어텐션", "08"),
        ("역전파", "01"),
        ("softmax", "03"),
        ("Query", "07"),
    ],
)
def test_search_in_korean_finds_the_chapter_that_explains(show, typed, chapter):
    page = show("ko/index.html")
    page.fill("input[name=q]", typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ko/search.html?q=*")
    page.wait_for_function("document.querySelector('.search-summary').innerText.includes('개')")
    first = page.locator("ul.search li a").first
    assert first.get_attribute("href").startswith(chapter)


@korean
def test_the_korean_fonts_have_every_letter(folder):
    from fontTools.ttLib import TTFont

    pages = "".join(path.read_text("utf-8") for path in (folder / "ko").rglob("*.html"))
    for font in ("korean", "korean_bold"):
        letters = TTFont(folder / f"ko/_static/{font}.woff").getBestCmap()
        assert set(map(ord, re.findall("[ㄱ-ㆎ가-힣]", pages))) <= set(letters)


@korean
@pytest.mark.parametrize(
    ("name", "place"),
    [
        (f"ko/{CHAPTER}", "math munder mtext"),  # in a formula
        ("pictures/01_gradients.html?language=ko", "#said"),
        ("pictures/01_gradients.html?language=ko", "header a.ko"),
        ("pages/gpt.html?language=ko", "header a.ko"),
    ],
)
def test_korean_has_the_font_that_comes_with_the_page(show, name, place):
    page = show(name)
    page.evaluate("document.fonts.ready")
    client = page.context.new_cdp_session(page)
    client.send("DOM.enable")
    client.send("CSS.enable")
    root = client.send("DOM.getDocument")["root"]["nodeId"]
    node = client.send("DOM.querySelector", {"nodeId": root, "selector": place})["nodeId"]
    used = client.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    korean = re.findall("[ㄱ-ㆎ가-힣]", page.locator(place).first.text_content())
    nanum = [font["glyphCount"] for font in used if "Nanum" in font["familyName"]]
    assert sum(nanum) == len(korean) > 0


@korean
def test_korean_pages_lead_to_what_only_the_english_half_has(show):
    page = show(f"ko/{CHAPTER}")
    page.get_by_role("link", name="minigrad/ops.py · mul").click()
    page.wait_for_url("**/source/minigrad/ops.html#line-*")
    assert "/ko/" not in page.url
    page = show(f"ko/{CHAPTER}")
    page.locator(".explorer a").first.click()
    page.wait_for_url("**/pictures/01_gradients.html?language=ko")
    page.get_by_role("link", name="1. 기억하는 텐서").click()
    page.wait_for_url(f"**/ko/{CHAPTER}")
    page = show("ko/index.html")
    page.locator(".playing a").first.click()
    page.wait_for_url("**/pages/translator.html?language=ko")
    page.get_by_role("link", name="minigrad: 강좌").click()
    page.wait_for_url("**/ko/index.html")
    page.locator("article a[href='../benchmarks.html']").click()
    page.wait_for_url("**/benchmarks.html")


@korean
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [CHAPTER, "index.html", "glossary.html"])
def test_both_halves_are_accessible(show, audit, name, scheme):
    for half in ("", "ko/"):
        found = audit(show(half + name, color_scheme=scheme))
        # The theme gives its two sidebars no names.
        assert [one for one in found if one[0] != "landmark-unique"] == []
