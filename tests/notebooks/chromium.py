"""A headless Chromium with a profile of its own, and what a test does in a page."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from tests.notebooks.waiting import PATIENCE, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver.remote.webelement import WebElement

FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1400,1400",
)


@dataclass(frozen=True, slots=True)
class Page:
    """An open page, with waits in place of hopes."""

    driver: Chrome

    def open(self, url: str) -> None:
        """Go to an address."""
        self.driver.get(url)

    def text(self, selector: str) -> str:
        """Return what stands in the first element that matches, empty while there is none."""
        try:
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            return found[0].text if found else ""
        except StaleElementReferenceException:  # drawn anew this very moment
            return ""

    def wait_for(self, selector: str, text: str = "") -> str:
        """Wait until an element is there and holds `text`; return all that it holds."""
        what = f"{text or 'anything'!r} in {selector}"

        def holds() -> str:
            held = self.text(selector)
            return held if text in held else ""

        return wait_for(holds, PATIENCE, what)

    def wait_until_there(self, selector: str) -> None:
        """Wait until an element is there, whether it says anything or not."""

        def there() -> bool:
            return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

        wait_for(there, PATIENCE, selector)

    def wait_until_gone(self, selector: str, text: str) -> str:
        """Wait until an element holds something, but no longer `text`; return all it holds."""

        def holds() -> str:
            held = self.text(selector)
            return held if text not in held else ""

        return wait_for(holds, PATIENCE, f"{text!r} to leave {selector}")

    def click(self, selector: str) -> None:
        """Click the first element that matches, once it is there, scrolled into the middle."""
        element = self._shown(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def click_word(self, selector: str, word: str) -> None:
        """Click the element that matches and reads `word`, once it is there."""

        def named() -> list[WebElement]:
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            return [element for element in found if element.text == word]

        wait_for(named, PATIENCE, f"{word!r} among {selector}")[0].click()

    def press_right(self, selector: str, times: int) -> None:
        """Give an element the focus and press the right arrow in it, as often as said."""
        element = self._shown(selector)
        self.driver.execute_script("arguments[0].focus({preventScroll: true})", element)
        for _ in range(times):
            element.send_keys(Keys.ARROW_RIGHT)

    def photograph(self, file: Path) -> None:
        """Write what the page looks like."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(file))

    def _shown(self, selector: str) -> WebElement:
        def first() -> WebElement | None:
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            return found[0] if found and found[0].is_displayed() else None

        return wait_for(first, PATIENCE, f"{selector} to be shown")


@contextmanager
def chromium(scratch: Path) -> Iterator[Page]:
    """Yield a page of a browser that knows nothing and keeps what it learns in `scratch`."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in (*FLAGS, f"--user-data-dir={scratch / 'profile'}"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield Page(driver)
    finally:
        driver.quit()
