"""A real Chromium on the dashboard that the real command serves, on real results."""

import os
import re
import socket
import time
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest
from playwright.sync_api import sync_playwright

from tests.provide_browser import find_browser
from tests.reach import out_of_reach

SECONDS = 60
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
IDLE = """() => {
  const state = document.querySelector('[data-testid=stApp]')
    ?.getAttribute('data-test-script-state');
  const boards = [...document.querySelectorAll('.stBidiComponent')];
  const drawn = (one) => [...one.querySelectorAll('*')].some(
    (part) => part.shadowRoot?.querySelector('.board')?.childElementCount);
  return state === 'notRunning' && !document.querySelector('[data-testid=stSkeleton]')
    && !document.querySelector('[data-stale=true]') && boards.every(drawn);
}"""


@pytest.fixture(scope="session")
def served(small):
    """Address of the dashboard of the small home, served as a user serves it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = small.popen("dashboard", "--port", str(port), "--no-browser")
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                break
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise AssertionError(process.communicate()[1]) from None
            time.sleep(0.2)
    yield address
    process.terminate()
    process.communicate(timeout=20)


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium."""
    path = find_browser()
    if path is None:
        out_of_reach("no Chromium; python -m tests.provide_browser installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One window, and everything that it should not have done."""

    page: object
    address: str
    complaints: list[str] = field(default_factory=list)

    def go(self, target: str = ""):
        """Open a page of the dashboard and wait until it is done."""
        self.page.goto(f"{self.address}/{target}")
        self.page.wait_for_selector("h1", timeout=SECONDS * 1000)
        return self.idle()

    def idle(self):
        """Wait until the script has ended and its answer is shown."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_function(IDLE, timeout=SECONDS * 1000)
        return self.page

    def url(self) -> str:
        """What stands in the address bar after the host."""
        return unquote(re.sub(r"^https?://[^/]+/", "", self.page.url))

    def saved(self, button) -> str:
        """Click a button that saves a file and return its text."""
        with self.page.expect_download(timeout=SECONDS * 1000) as waiting:
            button.click()
        with open(waiting.value.path(), encoding="utf-8") as file:  # noqa: PTH123
            return file.read()


@pytest.fixture(scope="session")
def people(chromium):
    """Return a function: theme → somebody whose browser has fetched the scripts once."""
    known = {}

    def get(theme):
        if theme not in known:
            known[theme] = chromium.new_context(
                color_scheme=theme, accept_downloads=True, reduced_motion="reduce"
            )
        return known[theme]

    yield get
    for context in known.values():
        context.close()


@pytest.fixture
def visit(people, served):
    """Return a function that opens a window; at the end no window may have complained.

    Every window is a session of its own to the dashboard, and begins with nothing stored.
    """
    made = []

    def open_window(size=DESKTOP, theme="light") -> Visit:
        page = people(theme).new_page()
        page.set_viewport_size(size)
        page.add_init_script("if (window.top === window) { localStorage.clear(); }")
        found = Visit(page, served)
        listen(page, found)
        made.append(found)
        return found

    yield open_window
    for found in made:
        found.page.close()
    assert [text for found in made for text in found.complaints] == []


def listen(page, found: Visit) -> None:
    def console(message):
        if message.type == "error":
            found.complaints.append(f"console: {message.text}")

    def request(sent):
        if not sent.url.startswith((found.address, "data:", "blob:")):
            found.complaints.append(f"left the machine: {sent.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: found.complaints.append(f"page: {error}"))
    page.on("request", request)
    page.on("websocket", lambda socket_: request(_Asked(socket_.url.replace("ws://", "http://"))))


@dataclass
class _Asked:
    url: str


@pytest.fixture(scope="session", autouse=True)
def no_proxy():
    """Loopback is asked directly, whatever the machine's proxy."""
    before = os.environ.get("NO_PROXY")
    os.environ["NO_PROXY"] = "127.0.0.1,localhost"
    yield
    if before is None:
        del os.environ["NO_PROXY"]
    else:
        os.environ["NO_PROXY"] = before
