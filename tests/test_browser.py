"""What a person sees: MLflow's UI and Kedro-Viz in a real browser, on a project in which the lifecycle has finished."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import local_browser
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import visibility_of_element_located
from selenium.webdriver.support.wait import WebDriverWait

from conftest import HANG, becomes_true, copy_finished

pytestmark = pytest.mark.skipif(bool(local_browser.missing()), reason=local_browser.missing())

MODELS = {"logistic_regression", "scorecard", "random_forest", "xgboost"}
REGISTERED = "credit_test"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with local_browser.chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def shown(finished_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of a finished project: servers write into theirs."""
    return copy_finished(finished_project, tmp_path_factory.mktemp("shown") / "project")


@pytest.fixture(scope="module")
def mlflow_ui(shown: Path) -> Iterator[str]:
    with local_browser.mlflow_ui(shown) as address:
        yield address


@pytest.fixture(scope="module")
def kedro_viz(shown: Path) -> Iterator[str]:
    """Serve it from a folder below the project's, where a store relative to the working folder would be another."""
    with local_browser.kedro_viz(shown / "data", "test") as address:
        yield address


@pytest.fixture(scope="module")
def lifecycle(shown: Path) -> Run:
    client = client_of(shown)
    experiment = client.get_experiment_by_name(REGISTERED)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id], "attributes.run_name = 'lifecycle'")
    return run


@pytest.fixture(scope="module")
def champion(shown: Path) -> dict[str, Any]:
    """What the store says of the champion: the page must say the same."""
    client = client_of(shown)
    version = client.get_model_version_by_alias(REGISTERED, "champion")
    metrics = client.get_run(str(version.run_id)).data.metrics
    return {"version": str(version.version), "metrics": {name: round(value, 4) for name, value in metrics.items()}}


def client_of(project: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{project / 'mlflow.db'}")


def seen(browser: Chrome, css: str) -> WebElement:
    return WebDriverWait(browser, HANG).until(visibility_of_element_located((By.CSS_SELECTOR, css)))


def click(browser: Chrome, css: str) -> None:
    """Click what stands still, within the window."""
    places: list[dict[str, int]] = [{}]

    def is_still(page: Chrome) -> bool:
        places.append(page.find_element(By.CSS_SELECTOR, css).rect)
        height = page.execute_script("return innerHeight")
        return places[-1] == places[-2] and 0 < places[-1]["y"] < height

    WebDriverWait(browser, HANG, ignored_exceptions=[StaleElementReferenceException]).until(is_still)
    ActionChains(browser).click(browser.find_element(By.CSS_SELECTOR, css)).perform()


def texts(browser: Chrome, css: str) -> set[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map(found => found.textContent)"
    return {str(text).strip() for text in browser.execute_script(script, css)}


def all_seen(browser: Chrome, css: str, expected: set[str]) -> bool:
    return WebDriverWait(browser, HANG).until(lambda page: expected <= texts(page, css))


def answer(address: str, path: str) -> Any:  # noqa: ANN401  # any JSON
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=HANG)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.status == http.client.OK
    return json.loads(response.read())


def node_id(address: str, name: str) -> str:
    (found,) = [node["id"] for node in answer(address, "/api/main")["nodes"] if node["name"] == name]
    return str(found)


def test_the_experiment_shows_the_run_and_below_it_one_for_each_model(
    browser: Chrome, mlflow_ui: str, lifecycle: Run
) -> None:
    browser.get(f"{mlflow_ui}/#/experiments/{lifecycle.info.experiment_id}/runs?workflowType=machine_learning")
    row = f"[row-id='{lifecycle.info.run_id}']"
    assert seen(browser, f"{row} a").text == "lifecycle"
    assert not MODELS & texts(browser, "[row-id] a")
    click(browser, f"{row} button")
    assert all_seen(browser, "[row-id] a", MODELS)


def test_the_registered_model_shows_its_champion(browser: Chrome, mlflow_ui: str, champion: dict[str, Any]) -> None:
    browser.get(f"{mlflow_ui}/#/models/{REGISTERED}")
    assert seen(browser, f"a[href$='/models/{REGISTERED}/versions/{champion['version']}']").is_displayed()
    assert seen(browser, "[title='champion']").text.replace("\u00a0", " ") == "@ champion"


def test_the_version_shows_its_annotation_and_leads_to_its_run(
    browser: Chrome, mlflow_ui: str, champion: dict[str, Any]
) -> None:
    browser.get(f"{mlflow_ui}/#/models/{REGISTERED}/versions/{champion['version']}")
    assert all_seen(browser, "strong", {"xgboost"})
    assert all_seen(browser, "table th", {"metric", "cross-validated", "test (95 % interval)"})
    assert all_seen(browser, "a[href*='/runs/']", {"xgboost"})


def test_the_lineage_shows_every_step_and_a_room_for_each_model(browser: Chrome, kedro_viz: str) -> None:
    browser.get(f"{kedro_viz}/?pid=__default__&types=nodes,datasets&expandAllPipelines=false")
    steps = {"set_aside_faulty_rows", "split_applications", "derive_features", "rank_models", "check_gates", "promote"}
    assert all_seen(browser, ".pipeline-node__text", steps | MODELS | {"applications", "leaderboard", "champion"})
    layers = {"raw", "intermediate", "primary", "feature", "model_input", "model_output", "reporting", "deployment"}
    assert all_seen(browser, ".pipeline-layer-name", layers)


def test_the_champions_node_shows_version_alias_and_metrics(
    browser: Chrome, kedro_viz: str, champion: dict[str, Any]
) -> None:
    browser.get(f"{kedro_viz}/api/main")
    # The tour of the first visit lies over the graph.
    browser.execute_script("localStorage.setItem('KedroViz', JSON.stringify({showFeatureHints: false}))")
    # The link that Kedro-Viz itself gives for a node: it selects the node, however large the graph is drawn.
    browser.get(f"{kedro_viz}/?pid=deployment&sid={node_id(kedro_viz, 'champion')}&types=nodes,datasets")
    assert seen(browser, ".pipeline-metadata__title").text == "champion"
    shown = "".join(str(seen(browser, ".pipeline-metadata__preview-json").get_property("textContent")).split())
    assert f'"version":"{champion["version"]}"' in shown
    assert '"aliases":[1item0:"champion"]' in shown
    assert f'"cv_roc_auc_mean":{champion["metrics"]["cv_roc_auc_mean"]}' in shown


def test_kedro_viz_answers_the_champion_of_the_projects_own_store(
    kedro_viz: str, champion: dict[str, Any], shown: Path
) -> None:
    node = answer(kedro_viz, f"/api/nodes/{node_id(kedro_viz, 'champion')}")
    assert node["preview_type"] == "JSONPreview"
    preview = json.loads(node["preview"])
    assert (preview["model"], preview["version"], preview["aliases"]) == (REGISTERED, champion["version"], ["champion"])
    assert preview["metrics"] == champion["metrics"]
    assert not (shown / "data" / "mlflow.db").exists()


def test_a_server_is_stopped_with_its_children_even_where_they_will_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_browser, "SECONDS_TO_STOP", 0.5)
    port = local_browser.free_port()
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    command = f'"{sys.executable}" -c "{deaf}" & exec "{sys.executable}" -m http.server -b 127.0.0.1 {port}'
    with local_browser.served(["sh", "-c", command], tmp_path, port, "/") as group:
        assert len(local_browser.living(group)) == 2
    assert local_browser.living(group) == []


def test_a_server_that_ends_is_reported_with_what_it_said(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo the port is taken; exit 1"]
    with pytest.raises(RuntimeError, match="the port is taken"), local_browser.served(command, tmp_path, 1, "/"):
        pass


def test_a_closed_browser_leaves_no_process() -> None:
    with local_browser.chromium() as opened:
        profile = opened.capabilities["chrome"]["userDataDir"]
        assert profile in processes()
    assert becomes_true(lambda: profile not in processes())


def processes() -> str:
    return subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True).stdout
