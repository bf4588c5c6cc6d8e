"""Take the pictures of the README from a project in which ``kedro run`` has finished: ``make pictures``.

``python tools/screenshots.py PROJECT`` takes them from another folder. It needs Chromium and its driver.
"""

import shutil
import sys
import time
from pathlib import Path

import lineage_nodes
import local_browser
from mlflow import MlflowClient
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import visibility_of_element_located
from selenium.webdriver.support.wait import WebDriverWait

IMAGES = Path(__file__).parents[1] / "docs/images"
REGISTERED = "credit_default"
FIGURES = ("leaderboard.png", "comparison.png", "xgboost/contributions.png", "xgboost/importance.png")
ASSISTANT = "button[aria-label='Close']"
SETTLED = 4  # seconds in which both pages end their animations


def seen(page: Chrome, css: str) -> None:
    """Wait until an element is on the page."""
    WebDriverWait(page, 60).until(visibility_of_element_located((By.CSS_SELECTOR, css)))
    time.sleep(SETTLED)


def close(page: Chrome, css: str) -> None:
    """Close every panel and dialog that is open."""
    for found in page.find_elements(By.CSS_SELECTOR, css):
        found.click()
    time.sleep(SETTLED)


def mlflow_pages(project: Path) -> None:
    """Show the run with its models, and the champion's version."""
    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(REGISTERED)
    version = client.get_model_version_by_alias(REGISTERED, "champion").version
    if experiment is None:
        raise SystemExit("kedro run first")
    (run,) = client.search_runs([experiment.experiment_id], "attributes.run_name = 'lifecycle'", max_results=1)
    with local_browser.mlflow_ui(project) as address, local_browser.chromium(1400, 560) as page:
        page.get(f"{address}/#/experiments/{experiment.experiment_id}/runs?workflowType=machine_learning")
        row = f"[row-id='{run.info.run_id}']"
        seen(page, f"{row} button")
        close(page, ASSISTANT)
        page.find_element(By.CSS_SELECTOR, f"{row} button").click()
        time.sleep(SETTLED)
        page.save_screenshot(str(IMAGES / "mlflow.png"))
    with local_browser.mlflow_ui(project) as address, local_browser.chromium(1400, 900) as page:
        page.get(f"{address}/#/models/{REGISTERED}/versions/{version}")
        seen(page, "strong")
        close(page, ASSISTANT)
        page.save_screenshot(str(IMAGES / "champion.png"))


def lineage(project: Path) -> None:
    """Show the whole lifecycle, one box for each step and each model; write the names of the boxes to a file."""
    with local_browser.kedro_viz(project, "base") as address, local_browser.chromium(1000, 900) as page:
        page.get(f"{address}/api/main")
        page.execute_script(
            "localStorage.setItem('KedroViz', JSON.stringify({showFeatureHints: false, theme: 'light'}))"
        )
        page.get(f"{address}/?pid=__default__&types=nodes&expandAllPipelines=false")
        seen(page, ".pipeline-node__text")
        close(page, "button.kedro:last-child, button[aria-label='Hide menu'], button[aria-label='Turn minimap off']")
        close(page, "button[aria-label='Reset zoom']")
        ActionChains(page).move_to_element(page.find_element(By.TAG_NAME, "body")).perform()
        time.sleep(SETTLED)
        page.save_screenshot(str(IMAGES / "lineage.png"))
    (IMAGES / "lineage.json").write_text(lineage_nodes.lineage_document(project), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if local_browser.missing():
        raise SystemExit(local_browser.missing())
    where = Path(sys.argv[1])
    IMAGES.mkdir(parents=True, exist_ok=True)
    for figure in FIGURES:
        newest = max((where / "data/08_reporting" / figure).glob("*/*.png"))
        shutil.copy(newest, IMAGES / newest.name)
    mlflow_pages(where)
    lineage(where)
