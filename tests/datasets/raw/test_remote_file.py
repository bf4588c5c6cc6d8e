import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import local_browser
import pandas as pd
import pytest
from kedro.io import DatasetError

import local_servers
from credit_pipeline.datasets.raw import remote_file
from credit_pipeline.datasets.raw.raw_table import RawTableDataset
from credit_pipeline.errors import ConfigurationError, DataError

CSV = b"a,b\n1,2\n"
SECRET = "hunter2"  # noqa: S105  # planted


def test_a_table_comes_over_http_with_its_hash_and_without_the_password() -> None:
    with local_servers.web({"/raw.csv": CSV}, login=f"ada:{SECRET}") as host:
        dataset = RawTableDataset(filepath=f"http://ada:{SECRET}@{host}/raw.csv?signature={SECRET}")
        frame = dataset.load()
    assert frame.to_dict("list") == {"a": ["1"], "b": ["2"]}
    assert frame.attrs["source"] == f"http://{host}/raw.csv"
    assert frame.attrs["content_sha256"] == hashlib.sha256(CSV).hexdigest()
    assert SECRET not in repr(dataset) + str(dataset)


def test_a_parquet_file_comes_over_http(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1], "b": [2.5]}).to_parquet(tmp_path / "raw.parquet")
    with local_servers.web({"/raw.parquet": (tmp_path / "raw.parquet").read_bytes()}) as host:
        frame = RawTableDataset(filepath=f"http://{host}/raw.parquet?x=1").load()
    assert frame.dtypes.astype(str).to_dict() == {"a": "int64", "b": "float64"}


def test_a_table_comes_over_tls_from_a_server_that_is_trusted_alone(tmp_path: Path) -> None:
    certificate = local_servers.certificate(tmp_path)
    script = "import sys; from credit_pipeline.datasets.raw.remote_file import read; print(read(sys.argv[1], {}))"
    with local_servers.web({"/raw.csv": CSV}, certificate=certificate) as host:
        command = [sys.executable, "-c", script, f"https://{host}/raw.csv"]
        trusting = {**os.environ, "SSL_CERT_FILE": str(certificate)}
        trusted = subprocess.run(command, env=trusting, capture_output=True, text=True, check=False)
        doubted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert trusted.stdout == f"{CSV!r}\n", trusted.stderr
    assert "ClientConnectorCertificateError" in doubted.stderr


@pytest.mark.parametrize(
    ("address", "got"),
    [
        (lambda host: f"http://ada:{SECRET}@{host}/nowhere.csv", "FileNotFoundError"),
        (lambda host: f"http://eve:{SECRET}@{host}/raw.csv", "ClientResponseError 401"),
        (lambda _: f"http://ada:{SECRET}@127.0.0.1:9/raw.csv?{SECRET}", "2 times"),
    ],
    ids=["missing", "refused", "away"],
)
def test_what_cannot_be_read_is_reported_without_the_password(address: Callable[[str], str], got: str) -> None:
    with local_servers.web({"/raw.csv": CSV}, login=f"ada:{SECRET}") as host, pytest.raises(DatasetError) as raised:
        RawTableDataset(filepath=address(host)).load()
    assert isinstance(raised.value.__cause__, DataError)
    assert got in raised.value.__cause__.got
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__.__suppress_context__


def test_whether_an_address_exists_is_asked_there() -> None:
    with local_servers.web({"/raw.csv": CSV}) as host:
        found = [RawTableDataset(filepath=f"http://{host}/{name}").exists() for name in ("raw.csv", "other.csv")]
    assert found == [True, False]


@pytest.mark.parametrize(("address", "extra"), [("s3://b/raw.csv", "s3"), ("https://h/raw.csv", "https")])
def test_a_missing_package_is_named_with_its_extra(address: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(ConfigurationError) as caught:
        remote_file.read(address, {})
    assert caught.value.fix == f"pip install 'credit-pipeline[{extra}]'"


@pytest.mark.slow
def test_a_table_comes_from_s3(tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    s3fs = pytest.importorskip("s3fs", reason="no s3fs (pip install 'credit-pipeline[s3]')")
    address = f"http://127.0.0.1:{free_port}"
    for name, value in (("ACCESS_KEY_ID", "ada"), ("SECRET_ACCESS_KEY", SECRET), ("ENDPOINT_URL", address)):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(free_port)]
    with local_browser.served(command, tmp_path, free_port, "/moto-api/"):
        files = s3fs.S3FileSystem()
        files.mkdir("lender")
        files.pipe_file("lender/raw.csv", CSV)
        frame = RawTableDataset(filepath="s3://lender/raw.csv").load()
        with pytest.raises(DatasetError, match="FileNotFoundError"):
            RawTableDataset(filepath="s3://lender/nowhere.csv").load()
    assert frame.attrs["source"] == "s3://lender/raw.csv"
    assert frame.attrs["content_sha256"] == hashlib.sha256(CSV).hexdigest()
    with pytest.raises(DatasetError, match="2 times"):  # the server is gone
        RawTableDataset(filepath="s3://lender/raw.csv").load()
